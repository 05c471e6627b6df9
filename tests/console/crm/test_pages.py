"""The pages of the CRM on a real run: they open in both languages, do what they offer, and refuse whom they should."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from tierwise.cli.init import project_text
from tierwise.cli.projects import load_job
from tierwise.datasets import simulate_shop
from tierwise.pipeline import run
from tierwise_console.access.permissions import Role
from tierwise_console.crm.models import Customer, SavedView, Tagging, Task
from tierwise_console.crm.services.take_over import take_over
from tierwise_console.modelling.models import SettingsVersion
from tierwise_console.strategy.models import TierAction

pytestmark = pytest.mark.django_db

PAGES = (
    "/customers/", "/customers/new", "/tasks/", "/tiers/", "/tiers/?model=pyramid", "/migration/", "/models/",
    "/models/?model=lifecycle", "/models/?model=personas", "/strategy/",
)  # fmt: skip


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small shop with runs of two days."""
    root = tmp_path_factory.mktemp("shop")
    simulate_shop(root / "data", 500, seed=3)
    sources = {name: {"location": f"data/{name}.parquet"} for name in ("orders", "customers", "tickets")}
    (root / "tierwise.yaml").write_text(project_text(sources, "Asia/Shanghai", []), encoding="utf-8")
    for day in (date(2026, 9, 30), date(2026, 10, 31)):
        run(*load_job(root, (), day, (None, None, None, None, None)))
    return root


@pytest.fixture
def shop(workspace, settings, tmp_path):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=workspace)
    take_over()
    return workspace


def _in(client: Client, language: str) -> Client:
    client.cookies["django_language"] = language
    return client


def test_every_page_opens_in_both_languages(shop, signed_in):
    client = signed_in(Role.OWNER)
    customer = Customer.objects.order_by("-monetary")[0].pk
    pages = [*PAGES, *(f"/customers/card/{customer}{part}" for part in ("", "/why", "/story"))]
    for page in pages:
        for language, words in (("en", "Customers"), ("zh-hans", "客户")):
            answer = _in(client, language).get(page)
            assert answer.status_code == 200, (page, language)
            text = answer.content.decode()
            assert words in text or "hx-" not in text, page
            assert "None" not in text.replace("'None'", ""), (page, language)


def test_a_cell_leads_to_its_customers(shop, signed_in):
    client = signed_in(Role.OWNER)
    text = client.get("/tiers/").content.decode()
    assert 'href="/customers/?cell=rfm:55"' in text
    listed = client.get("/customers/?cell=rfm:55").content.decode()
    assert listed.count("/customers/card/") > 0


def test_what_cannot_be_read_is_told_and_nothing_breaks(shop, signed_in):
    client = _in(signed_in(Role.OWNER), "zh-hans")
    assert "无法识别" in client.get("/customers/?monetary_min=much").content.decode()
    assert client.get("/customers/?after=nonsense&tag=99999&owner=zz&cell=rfm:%25").status_code == 200
    gone = client.get("/customers/card/nobody")
    assert gone.status_code == 404 and "没有客户" in gone.content.decode()
    assert client.get("/models/?model=nonsense").status_code == 404


def test_the_card_does_what_it_offers(shop, signed_in):
    client = _in(signed_in(Role.OWNER), "en")
    pk = Customer.objects.order_by("-monetary")[0].pk

    def do(action, **form):
        return client.post(f"/customers/do/{action}", {"customer_id": pk, **form}, follow=True)

    assert b"Tagged" in do("tag", name="VIP").content
    assert b"Note saved" in do("note", text="likes <b>tea</b>").content
    assert b"likes &lt;b&gt;tea" in client.get(f"/customers/card/{pk}").content
    assert b"Task added" in do("task", title="call", due_on="2026-12-01").content
    assert b"Task updated" in do("done", task=Task.objects.get().pk).content
    assert b"1 fields changed" in do("edit", name="New Name", phone="", email="").content
    assert Customer.objects.get(pk=pk).name == "New Name"
    assert b"Shown in full" in do("unmask").content
    assert b"no such task" in do("done", task="999").content
    assert client.post("/customers/do/nonsense", {"customer_id": pk}).status_code == 404


def test_lists_export_views_and_bulk(shop, signed_in):
    client = _in(signed_in(Role.OWNER), "en")
    client.post("/customers/views/save", {"name": "Top", "query": "monetary_min=500", "shared": "on"})
    assert SavedView.objects.get().query == [["monetary_min", "500"]]
    assert b"monetary_min=500" in client.get("/customers/").content
    csv = b"".join(client.get("/customers/export?monetary_min=500&format=csv").streaming_content).decode("utf-8-sig")
    matching = Customer.objects.filter(monetary__gte=500).count()
    assert len(csv.splitlines()) == matching + 1
    excel = b"".join(client.get("/customers/export?format=xlsx").streaming_content)
    assert excel[:2] == b"PK"
    form = {"kind": "tag", "tag_value": "Top", "query": "monetary_min=500"}
    assert f"{matching:,} customers".encode() in client.post("/customers/bulk", form).content
    assert not Tagging.objects.exists()
    client.post("/customers/bulk", {**form, "value": "Top", "confirmed": "1"})
    assert Tagging.objects.count() == matching


def test_settings_are_simulated_drafted_and_told_where_wrong(shop, signed_in):
    client = _in(signed_in(Role.OWNER), "en")
    simulated = client.post("/models/simulate", {"instance": "rfm", "s.scoring": "quantile", "s.bins": "4"})
    assert b"customers would move" in simulated.content
    wrong = client.post("/models/draft", {"instance": "rfm", "s.bins": "many"})
    assert wrong.status_code == 422 and b'class="problem"' in wrong.content
    before = (shop / "tierwise.yaml").read_text(encoding="utf-8")
    drafted = client.post("/models/draft", {"instance": "rfm", "s.bins": "4"}, follow=True)
    assert b"+    bins: 4" in drafted.content
    assert (shop / "tierwise.yaml").read_text(encoding="utf-8") == before
    assert SettingsVersion.objects.filter(state="draft").count() == 1
    assert client.get("/models/export").content.decode() == before


def test_strategy_on_screen(shop, signed_in):
    client = _in(signed_in(Role.OWNER), "en")
    client.post("/strategy/do/generate", {"model": "rfm"})
    action = TierAction.objects.filter(model="rfm").first()
    told = client.post("/strategy/do/change", {"action": action.pk, "words": "call", "enabled": "on"}, follow=True)
    assert b"cannot be turned on" in told.content
    assert (
        len(client.get("/strategy/export").content.decode("utf-8-sig").splitlines()) == TierAction.objects.count() + 1
    )


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        (Role.VIEWER, {"/customers/", "/customers/new", "/tasks/", "/customers/export"}),
        (Role.ANALYST, {"/customers/new", "/tasks/"}),
        (Role.SALES, {"/customers/export"}),
        (Role.SERVICE, {"/customers/export"}),
        (Role.MARKETING, set()),
        (Role.OWNER, set()),
    ],
)
def test_who_may_open_what(shop, signed_in, role, refused):
    client = signed_in(role)
    for page in ("/customers/", "/customers/new", "/tasks/", "/customers/export", "/tiers/", "/models/", "/strategy/"):
        assert client.get(page).status_code == (403 if page in refused else 200), page


def test_a_workspace_without_a_run_says_what_to_do(publish, signed_in, tmp_path, settings):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)
    client = signed_in(Role.OWNER)
    for page in ("/customers/", "/tiers/", "/migration/", "/models/", "/strategy/"):
        assert client.get(page).status_code == 200, page
