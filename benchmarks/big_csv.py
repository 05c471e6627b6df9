"""Import a CSV of a given size within a memory limit: python -m benchmarks.big_csv [GIGABYTES] [MEMORY]

The file is made in a temporary folder (TMPDIR says where) and removed. The import runs in a process of its own, whose
peak resident memory is what the system counted.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.ingestion import import_sources
from tierwise.job import Job, Resources, Source
from tierwise.snapshots.workspace import Workspace

ROWS_PER_BATCH = 5_000_000
BYTES_PER_ROW = 104
SQL = """
SELECT 'N' || lpad(CAST(i AS VARCHAR), 12, '0') AS order_id, 'C' || lpad(CAST(hash(i) % 8000000 AS VARCHAR), 9, '0')
    AS customer_id, TIMESTAMP '2023-01-01' + to_seconds(CAST(hash(i + 7) % 94000000 AS BIGINT)) AS ordered_at,
    CAST(hash(i + 3) % 2000000 AS DECIMAL(18, 2)) / 100 AS amount, 'shop-' || (hash(i + 1) % 300) AS store,
    'a remark, with a comma, as tills write them' AS remark
FROM range({first}, {last}) AS numbers(i)
"""


def write(file: Path, gigabytes: float) -> int:
    """Write about so many gigabytes of orders; return the rows."""
    rows = int(gigabytes * 1e9 / BYTES_PER_ROW)
    with file.open("wb") as out, tempfile.TemporaryDirectory(dir=file.parent) as scratch, DuckDBEngine("1GB") as duck:
        for first in range(0, rows, ROWS_PER_BATCH):
            part, last = Path(scratch) / "part.csv", min(first + ROWS_PER_BATCH, rows)
            header = "true" if not first else "false"
            duck.native(
                "write", f"COPY ({SQL.format(first=first, last=last)}) TO '{part}' (FORMAT csv, HEADER {header})"
            )
            with part.open("rb") as stream:
                while block := stream.read(1 << 24):
                    out.write(block)
    return rows


def bring(file: Path, workspace: Path, memory: str) -> None:
    """Import the file, and print rows and peak memory."""
    job = Job(Workspace(workspace), [Source("orders", str(file))], [], today=date(2026, 12, 31))
    found = import_sources(job, Resources(lambda: DuckDBEngine(memory, 2, workspace.parent)))
    record = found[0].record
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{record.rows if record else 0:,} orders imported, peak memory {peak:.2f} GB")


def main(gigabytes: float = 5.0, memory: str = "512MB") -> None:
    """Make the file, import it, import it once more."""
    with tempfile.TemporaryDirectory(prefix="tierwise-big-") as folder:
        file, workspace = Path(folder) / "orders.csv", Path(folder) / "workspace"
        rows = write(file, gigabytes)
        print(f"{file.stat().st_size / 1e9:.2f} GB of CSV, {rows:,} orders; engine limited to {memory}", flush=True)
        for times in ("first", "again"):
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "benchmarks.big_csv", "bring", str(file), str(workspace), memory], check=True
            )
            print(f"{times}: {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["bring"]:
        bring(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
    else:
        main(*(kind(given) for kind, given in zip((float, str), sys.argv[1:], strict=False)))
