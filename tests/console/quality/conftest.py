"""A shop whose newest data differ from those before, in a workspace of this folder's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tierwise.cli.projects import load_job
from tierwise.pipeline import run
from tierwise_console.crm.services.take_over import take_over

PROJECT = """version: 1
timezone: Asia/Shanghai
sources: {orders: {location: orders.csv}}
models: {rfm: {}, lifecycle: {}}
quality:
  rules:
    - {name: known_channel, table: orders, column: channel, one_of: [web, shop], weight: 3,
       label: {en: the channel is known, zh-CN: 渠道已知}, cure: {en: ask the till, zh-CN: 询问收银}}
"""


def _orders(file: Path, first: date, factor: int, channels: tuple[str, ...], bad: int) -> None:
    """400 orders of 40 customers, a quarter of whom stay 80 days longer; some rows without a date."""
    rows = ["order_id,customer_id,order_date,amount,channel"]
    for n in range(400):
        day = first + timedelta(days=n // 4 + (80 if n % 40 < 10 else 0))
        rows.append(f"o{factor}-{n},c{n % 40},{day},{10 + n % 7 * factor},{channels[n % len(channels)]}")
    rows += [f"x{factor}-{n},c1,=soon,5,web" for n in range(bad)]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source whose second import brings other amounts and a channel that nobody knew; silent for half a year since."""
    root = tmp_path_factory.mktemp("drifted")
    (root / "tierwise.yaml").write_text(PROJECT, encoding="utf-8")
    _orders(root / "orders.csv", date(2026, 1, 1), 1, ("web", "shop"), 0)
    run(*load_job(root, (), date(2026, 4, 30), (None, None, None, None, None)))
    _orders(root / "orders.csv", date(2026, 1, 2), 50, ("web", "shop", "Live"), 40)
    run(*load_job(root, (), date(2026, 10, 31), (None, None, None, None, None)))
    return root


@pytest.fixture
def shop(db: None, drifted: Path, settings: Any) -> Path:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=drifted)
    take_over()
    return drifted
