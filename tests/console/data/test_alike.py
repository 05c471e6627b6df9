"""Customers of a dropped file who are there already, shown before they are imported."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.console.data.test_wizard import confirmed, drop, shown, work

from tierwise.snapshots.workspace import Workspace
from tierwise_console.access.permissions import Role
from tierwise_console.jobs.queueing import enqueue

pytestmark = pytest.mark.slow

HEAD = "会员号,姓名,手机,邮箱,城市\n"
THERE = "c1,何志远,13800138001,he@example.com,上海\nc2,王芳,13900139002,wang@example.com,北京\n"
DROPPED = "c1,何志远,13800138001,he@example.com,上海\nn1,何志远,+86 138 0013 8001,,上海\nn2,周文,13700137777,zhou@example.com,广州\n"


def test_the_dry_run_tells_who_is_there_already(signed_in: Callable[..., Client], place: Workspace) -> None:
    client = signed_in(Role.ANALYST)
    address = drop(client, (HEAD + THERE).encode(), "会员.csv")
    work()
    form = {**confirmed(shown(client, address)), "table": "customers"}
    client.post(f"{address}/try", form)
    work()
    assert "是否已有相同客户" not in shown(client, address), "there is nobody yet to compare with"
    client.post(f"{address}/import")
    enqueue("index", {"task": "index"})
    work()
    again = drop(client, (HEAD + DROPPED).encode(), "新会员.csv")
    work()
    client.post(f"{again}/try", {**confirmed(shown(client, again)), "table": "customers"})
    work()
    page = shown(client, again)
    assert "2 位新客户中，1 位疑似已有客户，其中 1 位可确定" in page
    assert "n1" in page and "手机" in page
