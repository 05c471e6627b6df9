"""The settings file is the truth: changed on screen it changes in place, with approval, and nobody's edit is lost."""

from __future__ import annotations

import pytest
import yaml
from django.core.exceptions import PermissionDenied

from tierwise.errors import TierwiseError
from tierwise.registry import models
from tierwise_console.access.permissions import Role
from tierwise_console.modelling.forms import draw, place, read
from tierwise_console.modelling.models import SettingsVersion
from tierwise_console.modelling.selectors import version_difference, versions
from tierwise_console.modelling.services import (
    ask_approval,
    import_settings,
    notice_file,
    publish,
    reject,
    roll_back,
    save_draft,
)
from tierwise_console.runs.industry import industries, with_template
from tierwise_console.runs.settings_file import as_written, check_settings, read_settings, settings_file, with_model

pytestmark = pytest.mark.django_db

FILE = """# our shop
version: 1

models:
  # the one we steer by
  rfm:
    bins: 5
    preset: eight  # lost on screen
  # last
  vip: {}

keep_runs_days: 30  # kept
"""


def test_settings_that_say_the_same_keep_their_order_and_spelling():
    text = "models:\n  rfm:\n    top_percent: '20'\n    bins: 5\n    weights: {recency: '1', frequency: '2'}\n    nested: false\n"
    wanted = {"nested": False, "bins": 4, "top_percent": 20, "weights": {"frequency": 2, "recency": 1}, "breaks": None}
    block = yaml.safe_load(with_model(text, "rfm", wanted))["models"]["rfm"]
    assert list(block.items()) == [
        ("top_percent", "20"), ("bins", 4), ("weights", {"recency": "1", "frequency": "2"}), ("nested", False), ("breaks", None),
    ]  # fmt: skip
    assert as_written([1, "2"], ["1", 2]) == ["1", 2] and as_written([1], [1, 2]) == [1]
    assert as_written(True, "True") is True and as_written(None, "None") is None


@pytest.fixture
def file(tmp_path, settings):
    from dataclasses import replace

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)
    settings_file().write_text(FILE, encoding="utf-8")
    return settings_file()


def test_one_block_changes_and_every_other_line_stays():
    fresh = with_model(FILE, "rfm", {"bins": 4})
    assert fresh == FILE.replace("    bins: 5\n    preset: eight  # lost on screen\n", "    bins: 4\n")
    added = with_model(FILE, "pyramid", {"basis": "profit"})
    assert yaml.safe_load(added)["models"] == {**yaml.safe_load(FILE)["models"], "pyramid": {"basis": "profit"}}
    assert "keep_runs_days: 30  # kept" in added
    for text in ("", "version: 1\n", "version: 1\nmodels: {}\n", "models: {rfm: {bins: 3}}\nversion: 1"):
        assert yaml.safe_load(with_model(text, "rfm", {"bins": 4}))["models"] == {"rfm": {"bins": 4}}


@pytest.mark.parametrize("name", sorted(models()))
def test_a_form_read_back_unchanged_changes_nothing(name):
    inputs = draw(models()[name].spec_type.model_json_schema(by_alias=True), {})
    posted = {each.name: each.value for group in inputs for each in [group, *group.inputs]}
    assert read(inputs, posted, {}) == {}


@pytest.mark.parametrize("name", sorted(models()))
def test_a_form_filled_with_all_settings_gives_them_back(name):
    spec = models()[name].spec_type
    try:
        full = spec().model_dump(mode="json", by_alias=True)
    except ValueError:
        pytest.skip("this model has settings without a default")
    inputs = draw(spec.model_json_schema(by_alias=True), full)
    posted = {each.name: each.value for group in inputs for each in [group, *group.inputs]}
    assert spec.model_validate(read(inputs, posted, full)) == spec.model_validate(full)


def test_problems_stand_at_their_settings(file, make_user):
    with pytest.raises(TierwiseError) as told:
        save_draft(make_user(Role.ANALYST), "rfm", {"bins": "many", "scoring": "dice"})
    inputs = draw(models()["rfm"].spec_type.model_json_schema(by_alias=True), {"bins": "many"})
    assert place(inputs, told.value.problems, "rfm") == []
    assert {each.title for each in inputs if each.problems} == {"bins", "scoring"}


def test_a_draft_is_approved_by_another_and_then_stands_in_the_file(file, make_user):
    analyst, owner, marketing = make_user(Role.ANALYST), make_user(Role.OWNER), make_user(Role.MARKETING)
    draft = save_draft(analyst, "rfm", {"bins": 4}, "fewer")
    assert read_settings().text == FILE
    assert [line.text for line in version_difference(draft.number) if line.kind == "added"] == ["+    bins: 4"]
    for who in (analyst, marketing):
        with pytest.raises(PermissionDenied):
            publish(who, draft.number)
    ask_approval(analyst, draft.number)
    publish(owner, draft.number)
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["models"]["rfm"] == {"bins": 4}
    assert [(line.state, line.is_file) for line in versions()] == [("published", True), ("found", False)]
    back = roll_back(analyst, 1)
    publish(owner, back.number)
    assert file.read_text(encoding="utf-8") == FILE


def test_an_edit_of_the_file_is_noticed_and_never_overwritten(file, make_user):
    owner = make_user(Role.OWNER)
    draft = save_draft(owner, "rfm", {"bins": 4})
    file.write_text(FILE.replace("30", "31"), encoding="utf-8")
    with pytest.raises(TierwiseError, match="changed_meanwhile"):
        publish(owner, draft.number)
    assert SettingsVersion.objects.get(pk=draft.pk).state == "draft"
    assert "31" in file.read_text(encoding="utf-8")
    notice_file()
    assert versions()[0].state == "found"
    reject(owner, draft.number)
    with pytest.raises(TierwiseError, match="no_version"):
        publish(owner, draft.number)


def test_an_imported_file_is_checked_whole(file, make_user):
    analyst = make_user(Role.ANALYST)
    with pytest.raises(TierwiseError):
        import_settings(analyst, "models:\n  rfm:\n    bins: [\n")
    with pytest.raises(TierwiseError, match="unknown_model"):
        import_settings(analyst, "models:\n  nonsense: {}\n")
    with pytest.raises(TierwiseError, match="nothing_changed"):
        import_settings(analyst, FILE)
    assert import_settings(analyst, FILE.replace("bins: 5", "bins: 3")).state == "draft"
    assert check_settings(FILE) == []


SOURCES = "\nsources:\n  orders: {location: data/%s.csv}  # read here\n"


def _rolled_back(file, make_user, former: str, now: str) -> str:
    """What a roll-back from one text of the file to another makes of it."""
    owner = make_user(Role.OWNER)
    for text in (former, now):
        file.write_text(text, encoding="utf-8")
        notice_file()
    publish(owner, roll_back(owner, 1).number)
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("old", ["", SOURCES % "old", SOURCES % "old" + "\ntimezone: UTC\n"])
@pytest.mark.parametrize("new", ["", SOURCES % "new"])
def test_a_roll_back_keeps_the_sources_of_today(file, make_user, old, new):
    told = _rolled_back(file, make_user, FILE + old, FILE.replace("bins: 5", "bins: 4") + new)
    before, now = yaml.safe_load(FILE + old), yaml.safe_load(FILE + new)
    assert yaml.safe_load(told) == {**{k: v for k, v in before.items() if k != "sources"}, **_only_sources(now)}
    assert told.startswith(FILE.rstrip())
    assert ("# read here" in told) == bool(new)


def _only_sources(settings):
    return {key: value for key, value in settings.items() if key == "sources"}


def test_a_roll_back_that_cannot_keep_the_sources_is_refused(file, make_user):
    flow = "{version: 1, sources: {orders: {location: /etc/passwd}}, models: {rfm: {}}}\n"
    with pytest.raises(TierwiseError, match="sources_on_screen"):
        _rolled_back(file, make_user, flow, FILE)
    assert file.read_text(encoding="utf-8") == FILE


def test_a_draft_with_other_sources_is_not_published(file, make_user):
    owner = make_user(Role.OWNER)
    draft = save_draft(owner, "rfm", {"bins": 4})
    SettingsVersion.objects.filter(pk=draft.pk).update(text=FILE + SOURCES % "elsewhere")
    with pytest.raises(TierwiseError, match="sources_on_screen"):
        publish(owner, draft.number)
    assert file.read_text(encoding="utf-8") == FILE


def test_the_page_says_that_the_sources_were_kept(file, signed_in):
    client = signed_in(Role.OWNER)
    for text in (FILE + SOURCES % "old", FILE.replace("bins: 5", "bins: 4") + SOURCES % "new"):
        file.write_text(text, encoding="utf-8")
        notice_file()
    page = client.post("/models/version/1/roll_back", follow=True, headers={"accept-language": "en"})
    assert "The sources of today were kept" in page.content.decode()


def test_an_analyst_proposes_an_owner_approves_and_any_two_versions_compare(file, signed_in):
    analyst, owner = signed_in(Role.ANALYST), signed_in(Role.OWNER)
    for client in (analyst, owner):
        client.cookies["django_language"] = "en"
    drafted = analyst.post("/models/draft", {"instance": "rfm", "s.bins": "4", "comment": "coarser"}, follow=True)
    address = drafted.redirect_chain[-1][0]
    assert b"Approve and publish" not in drafted.content and b"Ask for approval" in drafted.content
    assert analyst.post(f"{address}/publish").status_code == 403
    assert b"waiting for approval" in analyst.post(f"{address}/ask", follow=True).content
    assert b"Waiting for approval:" in owner.get("/models/").content
    assert b"Waiting for approval:" not in analyst.get("/models/").content
    assert b"Published" in owner.post(f"{address}/publish", follow=True).content
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["models"]["rfm"]["bins"] == 4
    first, last = (line.number for line in (versions()[-1], versions()[0]))
    compared = owner.get(f"/models/version/{last}?with={first}").content.decode()
    assert f"Difference from version {first}" in compared and "+    bins: 4" in compared
    assert "No difference." in owner.get(f"/models/version/{last}?with=nonsense").content.decode()
    back = owner.post(f"/models/version/{first}/roll_back", follow=True)
    assert b"-    bins: 4" in back.content and f"↩ {first}".encode() in back.content


def test_an_industry_template_is_taken_as_a_draft_and_the_rest_stays(file, signed_in, make_user):
    client = signed_in(Role.ANALYST)
    client.cookies["django_language"] = "en"
    taken = client.post("/models/template", {"template": "b2b_key_accounts"}, follow=True).content.decode()
    assert "Version" in taken and "+  b2b:" in taken
    text = SettingsVersion.objects.first().text
    found = yaml.safe_load(text)
    assert list(found["models"]) == ["rfm", "vip", "pyramid", "b2b"]
    assert found["template"]["title"]["zh-CN"] == "B2B 大客户" and found["keep_runs_days"] == 30
    assert "sources" not in found and "# the one we steer by" in text
    assert file.read_text(encoding="utf-8") == FILE
    unknown = client.post("/models/template", {"template": "bankk"}, follow=True).content.decode()
    assert "no template bankk" in unknown
    page = client.get("/models/").content.decode()
    assert "Key accounts (B2B)" in page and page.count("Take as draft: ") == 17


@pytest.mark.parametrize("name", [each.name for each in industries()])
def test_every_template_can_be_taken(file, name):
    assert check_settings(with_template(FILE, name)) == []
