"""What the Overview warns of: each alert says the cure and leads to where one can act, as far as the role may go there."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

import tierwise
from tierwise.canonical import findings
from tierwise.snapshots.imports import records
from tierwise.snapshots.workspace import Workspace
from tierwise_console.access.permissions import Role
from tierwise_console.runs.alerts import Place, alerts
from tierwise_console.runs.cures import CURES
from tierwise_console.runs.published import named_run

pytestmark = pytest.mark.django_db


def _page(client: Client, address: str = "/", lang: str = "en") -> str:
    return client.get(address, headers={"accept-language": lang}).content.decode()


def _links(page: str) -> dict[str, str]:
    """What each alert's link says, and where it leads."""
    part = page.partition('<ul class="notes">')[2].partition("</ul>")[0]
    return {
        words: address.replace("&amp;", "&") for address, words in re.findall(r'<a href="([^"]+)">([^<]+)</a>', part)
    }


def test_there_is_an_alert_for_each_thing_that_is_wrong_and_each_has_a_cure(shop: Path) -> None:
    found = alerts(named_run())
    places = [alert.place for alert in found]
    assert {Place.CUSTOMERS, Place.DRIFT, Place.RULES, Place.REJECTS} <= set(places)
    assert all(alert.cure.en and alert.cure.zh for alert in found)
    (rule,) = [alert for alert in found if alert.of == ("known_channel",)]
    assert (
        rule.label.en == "a rule is not met: the channel is known – 133 of 400 rows fail it"
        and rule.cure.zh == "询问收银"
    )
    (rejects,) = [alert for alert in found if alert.place is Place.REJECTS]
    newest = records(Workspace(shop))[-1]
    assert rejects.of == (newest.id,) and "40 rows (9.1%)" in rejects.label.en and rejects.severity == "warning"


def test_alerts_lead_to_where_one_can_act(shop: Path, signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.OWNER)
    links = _links(_page(client))
    assert (
        links["The two imports side by side"] == "/quality#drift"
        and links["The rule with its rows"] == "/quality#rules"
    )
    listed = _page(client, links["These customers"])
    assert "40 customers match" in listed, "all of them have been silent since April"
    assert links["These customers"].startswith("/customers/?tier=lifecycle%3A")
    rejected = _page(client, links["Rejected rows"], "zh-CN")
    assert "日期缺失或无法识别" in rejected and "=soon" in rejected and rejected.count("<tr>") == 41


def test_a_drift_is_told_field_by_field(shop: Path, signed_in: Callable[..., Client]) -> None:
    for lang, words in (("en", "Gone"), ("zh-CN", "消失取值")):
        page = _page(signed_in(Role.VIEWER, lang), "/quality", lang)
        part = page[page.index('id="drift"') : page.index('id="own"')]
        assert words in part and "Live" in part
        assert "400" in part


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SALES])
def test_nobody_is_led_to_a_page_that_is_closed_to_them(
    shop: Path, signed_in: Callable[..., Client], role: Role
) -> None:
    client = signed_in(role)
    links = _links(_page(client))
    assert links and "Rejected rows" not in links
    for address in links.values():
        assert client.get(address).status_code == 200, address


def test_the_rejected_rows_of_one_reason(shop: Path, signed_in: Callable[..., Client]) -> None:
    client, newest = signed_in(Role.ANALYST), records(Workspace(shop))[-1]
    page = f"/data/imports/{newest.id}/rejects"
    assert "No row was set aside for this reason" in _page(client, f"{page}?reason=no_customer")
    assert _page(client, f"{page}?reason=bad_date").count("=soon") == 40
    assert client.get("/data/imports/nothing/rejects").status_code == 404


def _codes() -> Iterator[str]:
    """Every code that a finding can have, as the sources of the core write them."""
    yield from (kind.code for kind in vars(findings).values() if isinstance(kind, findings.Kind))
    for file in Path(tierwise.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and first.value not in ("info", "warning"):
                    yield str(first.value)


def test_every_finding_of_the_core_has_a_cure() -> None:
    codes = {*_codes(), "stale_source"}
    assert len(codes) > 15
    assert codes <= set(CURES)
