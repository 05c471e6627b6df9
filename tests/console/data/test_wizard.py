"""From a dropped file to tiers, as a person walks it; and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tierwise.snapshots.runs import open_run
from tierwise.snapshots.workspace import Workspace
from tierwise_console.access.permissions import Role
from tierwise_console.jobs.models import Job
from tierwise_console.jobs.worker import Loop
from tierwise_console.runs.models import Upload

pytestmark = pytest.mark.slow
SignedIn = Callable[..., Client]


def orders(count: int = 60) -> bytes:
    day = date(2026, 5, 31)
    rows = [f"c{n % 12},{day - timedelta(days=n)},{n + 5}.50" for n in range(count)]
    return "\n".join(["会员号,下单日期,实付金额", *rows, "c1,not a day,3"]).encode("gb18030")


def drop(client: Client, content: bytes, name: str = "五月订单.csv") -> str:
    answer = client.post("/data/drop", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def work() -> None:
    Loop().run_until_empty()


def shown(client: Client, address: str) -> str:
    return client.get(address, headers={"accept-language": "zh-CN"}).content.decode()


def confirmed(page: str) -> dict[str, str]:
    """What the form of the columns would send as it stands."""
    selects = re.findall(r'<select[^>]*name="([^"]+)">(.*?)</select>', page, re.S)
    chosen = {name: re.search(r'value="([^"]*)" selected', body) for name, body in selects}
    return {name: found.group(1) for name, found in chosen.items() if found}


def test_a_file_becomes_tiers_and_can_be_taken_back(signed_in: SignedIn, place: Workspace) -> None:
    client = signed_in(Role.ANALYST)
    assert "从一份订单文件开始" in shown(client, "/data")
    address = drop(client, orders())
    assert "正在查看文件" in shown(client, address)
    work()
    form = confirmed(shown(client, address))
    assert form["column:customer_id"] == "会员号"
    assert form["column:amount"] == "实付金额"
    client.post(f"{address}/try", {**form, "source": "门店"})
    work()
    page = shown(client, address)
    assert "导入 60 条记录" in page
    # 12 customers, 5 purchases each, 12 days apart: 48 gaps, and two of them fit into 30 days
    assert "建议的分析窗口：近 30 天" in page and "当前设置：全部时间" in page
    suggested = shown(client, "/models/?model=rfm&s.window_days=30")
    assert re.search(r'name="s.window_days" value="30"', suggested)
    rejects = b"".join(client.get(f"{address}/rejects.csv").streaming_content).decode("utf-8-sig")
    assert "not a day" in rejects
    for _ in range(2):
        client.post(f"{address}/import")
    work()
    assert "已导入 60 行" in shown(client, address)
    assert Job.objects.filter(kind="import").count() == 1
    client.post("/data/run")
    work()
    assert open_run(place).manifest.totals["customers"] == 12
    name = next(place.imports.iterdir()).name
    assert "门店" in shown(client, "/data")
    client.post(f"/data/imports/{name}/undo", {"undo": "1"})
    work()
    assert "已撤销" in shown(client, "/data")
    client.post(f"/data/imports/{name}/undo", {"undo": "0"})
    work()
    assert "已撤销" not in shown(client, "/data")


def test_what_cannot_be_guessed_is_asked_for(signed_in: SignedIn, place: Workspace) -> None:
    client = signed_in(Role.ANALYST)
    address = drop(client, b"a,b,c\nx,2026-05-01,3\ny,2026-05-02,4\n")
    work()
    assert "必需" in shown(client, address)
    client.post(f"{address}/try", {"table": "orders", "column:customer_id": "a"})
    work()
    assert "导入 2 条记录" in shown(client, address)


def test_a_dry_run_that_fails_says_why_and_lets_one_mend_it(signed_in: SignedIn, place: Workspace) -> None:
    client = signed_in(Role.ANALYST)
    address = drop(client, b"customer,date,amount\nx,01/02/2026,3\ny,02/01/2026,4\n")
    work()
    form = confirmed(shown(client, address))
    client.post(f"{address}/try", form)
    work()
    assert "input." in shown(client, address)
    client.post(f"{address}/import")
    assert not Job.objects.filter(kind="import").exists()
    client.post(f"{address}/try", {**form, "date_format": "%d/%m/%Y"})
    work()
    assert "导入 2 条记录" in shown(client, address)


def test_the_same_file_twice_changes_nothing(signed_in: SignedIn, place: Workspace) -> None:
    client = signed_in(Role.ANALYST)
    for _ in range(2):
        address = drop(client, orders())
        work()
        client.post(f"{address}/try", {**confirmed(shown(client, address)), "source": "门店"})
        work()
        client.post(f"{address}/import")
        work()
    assert "没有重复写入" in shown(client, address)
    assert len(list(place.imports.iterdir())) == 1


def test_only_those_who_may_import_do(signed_in: SignedIn, place: Workspace) -> None:
    for role, seen in ((Role.SALES, 403), (Role.VIEWER, 403), (Role.MARKETING, 200)):
        client = signed_in(role)
        assert client.get("/data").status_code == seen
        assert client.post("/data/drop", {"file": SimpleUploadedFile("o.csv", b"a\n1\n")}).status_code == 403
    assert not Upload.objects.exists()
