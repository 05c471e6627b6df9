"""Erasure: the person is nowhere afterwards, everybody else is untouched, and runs can still be verified."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pyarrow.parquet as pq
import pytest
from tests.privacy.conftest import EMAIL, NAME, PHONE, job_of, write_sources

from tierwise.cli.main import execute
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.identity.decisions import Verdict, read_log
from tierwise.pipeline import run
from tierwise.privacy.erasure import erase, look
from tierwise.privacy.tombstones import hashed, tombstones
from tierwise.snapshots.runs import Run, open_run

ORDERS_OF_007 = {f"o{n}" for n in range(300) if n % 30 == 7} | {"o900"}


def texts_in(file):
    """Every text that a file holds, however it is packed."""
    if file.suffix == ".parquet":
        table = pq.read_table(file)
        return {str(value) for column in table.columns for value in column.to_pylist()}
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as book:
            return set("".join(book.read(n).decode() for n in book.namelist()).replace("<", ">").split(">"))
    if file.suffix == ".csv":
        return {cell for row in csv.reader(file.open(encoding="utf-8-sig")) for cell in row}
    return set(file.read_text(encoding="utf-8").replace('"', " ").replace(",", " ").split())


def traces(*folders):
    """Where the person can still be read, outside what the tombstones keep."""
    words = {"c007", "old-007", PHONE, EMAIL, NAME, "o900", "o7"}
    files = [
        file for folder in folders for file in folder.rglob("*") if file.is_file() and "erasures" not in file.parts
    ]
    return {file.name: found for file in files if (found := texts_in(file) & words)}


def snapshot(place):
    """The rows of everybody else, by file."""
    with DuckDBEngine() as engine:
        return {
            str(file.relative_to(place.root)): engine.native(
                "others",
                f"SELECT * FROM read_parquet('{file}') WHERE NOT coalesce(columns('^(customer_id|survivor_id)$') "
                "IN ('c007', 'old-007'), false) ORDER BY ALL",
            )
            for file in sorted(place.root.rglob("*.parquet"))
            if file.parent.name != "measures"  # counts, made anew
            if "order_id" not in pq.read_schema(file).names or "customer_id" in pq.read_schema(file).names
        }


def test_nothing_of_the_person_is_left(place, tmp_path):
    assert traces(place.root, tmp_path / "sent")
    before = snapshot(place)
    done = erase(place, "c007", "asked by letter", "ann")
    assert traces(place.root) == {}
    assert snapshot(place) == before
    assert set(done.by_area()) >= {"identity", "state", "logs", "runs"} and done.ids == 2
    log = (place.root / "logs" / "app.log").read_text()
    assert log == "mailed p8@example.com\nrow of c0075\n"
    assert not list(place.root.rglob(".erasing-*")) and not list(place.root.glob("erasures/p*"))


def test_the_log_of_merges_can_still_be_read(place):
    erase(place, "c007", "", "ann")
    assert [(found.verdict, found.members) for found in read_log(place.identity)] == [(Verdict.APART, ("c001", "c002"))]


def test_the_lines_of_their_orders_go_too(place):
    erase(place, "c007", "", "ann")
    lines = [file for file in place.root.rglob("part-*.parquet") if file.parent.name == "order_lines"]
    left = {order for file in lines for order in pq.read_table(file)["order_id"].to_pylist()}
    assert lines and not left & ORDERS_OF_007 and len(left) == 290


def test_what_counts_their_rows_is_forgotten_and_made_anew(place, tmp_path):
    kept = [file for name in ("profile.json", "drift.json") for file in place.imports.glob(f"*/{name}")]
    before = {file: json.loads(file.read_text())["found"] for file in kept if file.name == "profile.json"}
    theirs = [file for file in kept if json.loads((file.parent / "import.json").read_text())["table"] == "orders"]
    assert len(theirs) == 3
    erase(place, "c007", "", "ann")
    assert not any(file.exists() for file in theirs)
    assert not any((file.parent / "measures").exists() for file in theirs)
    run(job_of(tmp_path))
    for file in theirs:
        if file in before and file.exists():
            assert json.loads(file.read_text())["found"]["rows"] == before[file]["rows"] - len(ORDERS_OF_007)
    assert sum(file.exists() for file in theirs) == 3


def test_a_merged_id_erases_the_whole_person(place):
    erase(place, "old-007", "", "ann")
    assert traces(place.root) == {}


def test_runs_are_verified_and_say_what_happened(place):
    before = {name: Run(place.runs / name).manifest.files for name in place.names()}
    erase(place, "c007", "", "ann")
    stone = json.loads(tombstones(place)[0].read_text())
    for name in place.names():
        found = Run(place.runs / name)
        found.verify()
        (record,) = found.manifest.erasures
        assert stone["runs"][name] == record["link"]
        for file, (old, new) in record["files"].items():
            assert before[name][file] == old != new == found.manifest.files[file]
        assert {file.split("/")[0] for file in record["files"]} == {"indicators"}
    assert execute(["check", "--workspace", str(place.root)]) == 0


def test_two_erasures_make_a_chain(place):
    erase(place, "c007", "", "ann")
    erase(place, "c008", "", "ann")
    found = open_run(place)
    found.verify()
    assert len(found.manifest.erasures) == 2


@pytest.mark.parametrize("change", ["drop", "swap", "forge"])
def test_a_changed_record_is_noticed(place, change):
    erase(place, "c007", "", "ann")
    erase(place, "c008", "", "ann")
    file = open_run(place).folder / "manifest.json"
    data = json.loads(file.read_text())
    if change == "drop":
        del data["erasures"][0]
    elif change == "swap":
        data["erasures"].reverse()
    else:
        name = next(iter(data["erasures"][1]["files"]))
        data["erasures"][1]["files"][name][1] = data["files"][name] = "0" * 64
    file.write_text(json.dumps(data))
    with pytest.raises(TierwiseError) as caught:
        open_run(place).verify()
    assert caught.value.code == "run.damaged"


def test_a_run_that_was_damaged_before_stays_damaged(place):
    found = open_run(place)
    damaged = found.indicator_files()[0]
    table = pq.read_table(damaged)
    pq.write_table(table.slice(0, table.num_rows - 1), damaged)
    erase(place, "c007", "", "ann")
    with pytest.raises(TierwiseError) as caught:
        open_run(place).verify()
    assert caught.value.code == "run.damaged"


def test_exports_are_written_anew(place, tmp_path, capsys):
    assert execute(["erase", "c007", "--workspace", str(place.root), "--yes", "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert traces(place.root, tmp_path / "sent") == {}
    assert (tmp_path / "sent" / "labels.csv").exists() and "written anew" in told
    rows = list(csv.reader((tmp_path / "sent" / "labels.csv").open(encoding="utf-8-sig")))
    assert len(rows) == 30 and "c008" in {row[0] for row in rows}


def test_a_dry_run_changes_nothing(place, capsys):
    before = {file: file.read_bytes() for file in place.root.rglob("*") if file.is_file()}
    assert execute(["erase", "c007", "--workspace", str(place.root), "--dry-run", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["dry_run"] and sum(shown["gone"].values()) > 10 and shown["erasure"] is None
    assert {file: file.read_bytes() for file in place.root.rglob("*") if file.is_file()} == before


def test_looking_finds_what_erasing_takes(place):
    seen = look(place, "c007")
    done = erase(place, "c007", "", "ann")
    runs_and_imports = {file for file in seen.gone if file.endswith(("manifest.json", "import.json"))}
    assert dict(seen.gone) == {**dict.fromkeys(runs_and_imports, 1), **done.gone}


def test_nobody_is_asked_twice_nor_erased_without_asking(place, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert execute(["erase", "c007", "--workspace", str(place.root)]) == 130
    assert traces(place.root)
    capsys.readouterr()
    erase(place, "c007", "", "ann")
    assert execute(["erase", "c007", "--workspace", str(place.root), "--yes"]) == 4
    assert "erasure.unknown_customer" in capsys.readouterr().err


def test_an_import_of_the_same_rows_leaves_them_out(place, tmp_path):
    erase(place, "c007", "", "ann")
    write_sources(tmp_path)
    (tmp_path / "orders.csv").write_text((tmp_path / "orders.csv").read_text() + "o950,c009,2025-12-21,3,web\n")
    (tmp_path / "customers.csv").write_text((tmp_path / "customers.csv").read_text() + f"c777,Other,{PHONE},,X\n")
    (tmp_path / "order_lines.csv").write_text((tmp_path / "order_lines.csv").read_text() + "o950,p1,1,3\n")
    again = run(job_of(tmp_path))
    assert {name for name, found in traces(place.root).items() if found - {PHONE}} == set()
    assert again.manifest.totals["customers"] == 30  # the others, and whoever comes again
    found = {finding["code"]: finding["rows"] for finding in again.manifest.quality["findings"]}
    assert found["erased_customers"] > 0 and found["erased_contacts"] == 1


def test_a_tombstone_gives_nobody_back_without_the_salt(place):
    erase(place, "c007", "", "ann")
    text = tombstones(place)[0].read_text()
    assert not {"c007", "old-007", PHONE, EMAIL, NAME} & set(text.replace('"', " ").split())
    hashes = json.loads(text)["hashes"]["customer"]
    salt = (place.root / "erasures" / "salt").read_text().strip()
    assert set(hashes) == set(hashed(salt, "customer", ["c007", "old-007"]))
    everyone = [f"c{n:03d}" for n in range(1000)]
    assert not set(hashes) & set(hashed("", "customer", everyone)) and not set(hashes) & set(
        hashed("0" * 64, "customer", everyone)
    )
    assert (place.root / "erasures" / "salt").stat().st_mode & 0o077 == 0


def test_a_lost_salt_is_told(place, tmp_path):
    erase(place, "c007", "", "ann")
    (place.root / "erasures" / "salt").unlink()
    (tmp_path / "orders.csv").write_text((tmp_path / "orders.csv").read_text() + "o951,c009,2025-12-21,3,web\n")
    with pytest.raises(TierwiseError) as caught:
        run(job_of(tmp_path))
    assert caught.value.code == "erasure.salt_missing"


def test_the_salt_may_lie_elsewhere(place, tmp_path, monkeypatch):
    monkeypatch.setenv("TIERWISE_SALT_FILE", str(tmp_path / "vault" / "salt"))
    erase(place, "c007", "", "ann")
    assert (tmp_path / "vault" / "salt").exists() and not (place.root / "erasures" / "salt").exists()


def test_nothing_waits_to_be_finished(place, capsys):
    assert execute(["erase", "--resume", "--workspace", str(place.root)]) == 2
    assert "erasure.nothing_pending" in capsys.readouterr().err
    assert execute(["erase", "--workspace", str(place.root)]) == 2
