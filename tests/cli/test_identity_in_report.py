"""The report says which customers are one, as the log of decisions has it."""

from __future__ import annotations

import pytest

from tierwise.cli.identity_figures import identity_figures
from tierwise.cli.main import execute
from tierwise.identity.decisions import Verdict, append_log, new_decision
from tierwise.snapshots.workspace import Workspace


@pytest.fixture
def place(tmp_path):
    rows = "".join(f"o{n},c{n % 9},2025-01-{1 + n % 28:02d},{n}\n" for n in range(1, 60))
    (tmp_path / "o.csv").write_text("order_id,customer_id,order_date,amount\n" + rows)
    assert execute(["tier", str(tmp_path / "o.csv"), "--model", "pyramid", "--out", str(tmp_path / "w")]) == 0
    return Workspace(tmp_path / "w")


def decide(place):
    """c0 is three ids by two rules, c3 two by a person; a third merge is taken back."""
    taken_back = new_decision(Verdict.MERGED, ["c5", "c6"], "ann")
    append_log(
        place.identity,
        [
            new_decision(Verdict.MERGED, ["c0", "c1"], "tierwise", rule="phone_name email_name"),
            new_decision(Verdict.MERGED, ["c0", "c2"], "tierwise", rule="id_name"),
            new_decision(Verdict.MERGED, ["c3", "c4"], "ann"),
            taken_back,
            new_decision(Verdict.UNDONE, ["c5", "c6"], "ann", undoes=taken_back.id),
            new_decision(Verdict.APART, ["c7", "c8"], "ann"),
        ],
    )


def test_what_holds_is_counted(place):
    assert identity_figures(place) is None
    decide(place)
    found = identity_figures(place)
    assert {(text.en, count) for text, count in found.merges} == {
        ("same phone and name; same mailbox and name", 1),
        ("same identity number and name", 1),
        ("decided by a person", 1),
    }
    assert (dict(found.groups), found.waiting, found.apart) == ({3: 1, 2: 1}, 0, 1)


def test_the_report_shows_it_in_both_languages(place, tmp_path):
    file = tmp_path / "report.html"
    make = ["report", "--workspace", str(place.root), "--out", str(file)]
    assert execute(make) == 0 and 'id="identity"' not in file.read_text(encoding="utf-8")
    decide(place)
    assert execute(make) == 0
    section = file.read_text(encoding="utf-8").partition('<section id="identity"')[2].partition("</section>")[0]
    for words in (
        "same phone and name; same mailbox and name",
        "电话与姓名相同；邮箱与姓名相同",
        "人工决定",
        "Pairs to review",
    ):
        assert words in section
