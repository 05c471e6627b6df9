"""The check at entry against a made list of a million: `python -m benchmarks.entry_check [RECORDS]`.

Every probe is another writing of a person of the list by the generator's own clerks (its record is asked for with its
id left out, so the others of its entity must be found), after twenty that warm the caches. Index and weights are those of
a workspace without a search; the time of a probe is that of `EntryIndex.check`, without reading the project file.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.dedupe_people import write_people
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.entry_index import INDEX, EntryIndex, IndexSource, write_index
from tierwise.identity.fillers import forget_shared
from tierwise.identity.kinds import Kind
from tierwise.identity.records import make_records
from tierwise.identity.shipped_weights import shipped_model
from tierwise.identity.standardise import standardise

_KINDS = {
    "name": Kind.FULL_NAME, "company": Kind.COMPANY, "phone": Kind.PHONE, "email": Kind.EMAIL, "city": Kind.CITY,
    "address": Kind.ADDRESS,
}  # fmt: skip
_PROBES, _WARMING = 1_000, 20
Probe = tuple[str, dict[str, str | None], set[str]]


def _build(folder: Path, records: int) -> list[Probe]:
    """Write the index of so many people, and return who is asked for and who else is the same person."""
    file = write_people(folder / "people.parquet", records)
    with DuckDBEngine(memory_limit="3GB") as engine:
        engine.native("people", f"CREATE TEMP VIEW people AS SELECT * FROM '{file}'")
        table, columns = make_records(engine, standardise(engine, "people", _KINDS), "record_id", _KINDS)
        ordered = [column for column in engine.columns(table) if column in columns]
        model = shipped_model(ordered, records)
        begun = time.perf_counter()
        forget_shared(engine, table, columns)
        write_index(engine, IndexSource(table, _KINDS, "CN", model, "bench"), folder)
        size = (folder / INDEX).stat().st_size / 1e6
        print(f"index of {records:,} written in {time.perf_counter() - begun:.1f} s, {size:,.0f} MB")
        return _probes(engine, records)


def _probes(engine: DuckDBEngine, records: int) -> list[Probe]:
    several = "SELECT entity_id FROM people GROUP BY entity_id HAVING count(*) > 1 ORDER BY hash(entity_id) LIMIT"
    count = _PROBES + _WARMING
    rows = engine.native_records("probes", f"SELECT * FROM people WHERE entity_id IN ({several} {count})")
    members: dict[str, list[dict[str, str | None]]] = {}
    for row in rows:
        members.setdefault(str(row["entity_id"]), []).append(row)
    probes: list[Probe] = []
    for first, *others in members.values():
        values = {column: first[column] for column in _KINDS}
        probes.append((str(first["record_id"]), values, {str(other["record_id"]) for other in others}))
    random.Random(1).shuffle(probes)
    return probes


def main(records: int) -> None:
    """Build, probe and print."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        probes = _build(Path(folder), records)
        print(f"people made, standardised and indexed in {time.perf_counter() - begun:.1f} s")
        index = EntryIndex(Path(folder) / INDEX)
        for _, values, _ in probes[:_WARMING]:
            index.check(values)
        wall, work, found = [], [], 0
        for own, values, others in probes[_WARMING:]:
            start, used = time.perf_counter(), time.process_time()
            got = index.check(values)
            wall.append(time.perf_counter() - start)
            work.append(time.process_time() - used)
            found += bool(
                others & {one.customer for one in got if one.customer != own and (one.certain or one.weight > 2)}
            )
        index.close()
        for name, times in (("elapsed", sorted(wall)), ("CPU", sorted(work))):
            shown = ", ".join(f"p{share} {times[len(times) * share // 100] * 1000:.1f} ms" for share in (50, 95, 99))
            print(f"{len(times):,} probes, {name}: {shown}, most {times[-1] * 1000:.1f} ms")
        print(f"another record of the same person found for {found / len(wall):.1%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
