"""What is wrong with the retail data, as docs/quality.md quotes it: python -m benchmarks.quality

The file is read twice: its invoices as orders, its lines as order lines. Two rules of one's own stand beside the
shipped ones.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.advisor import retail_file
from tierwise.cli.quality_screen import show_doubts, show_rules, show_scores_by_table
from tierwise.cli.results import show_quality
from tierwise.cli.speech import take_language
from tierwise.config.document import Document
from tierwise.config.project import read_project
from tierwise.pipeline import Job, Source, run
from tierwise.quality.own import project_rules
from tierwise.registry import build_models
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

PROJECT = """\
quality:
  rules:
    - name: product_code
      table: order_lines
      column: product_id
      matches: "[0-9]{5}[A-Za-z]{0,2}"
      weight: 2
      label: {en: the code is that of a product and not of a charge, zh-CN: 编码为商品而非费用}
      cure: {en: "leave postage, fees and adjustments out of baskets", zh-CN: 购物篮分析请剔除邮费、手续费与调整}
    - name: no_cancellation
      table: orders
      column: order_id
      kind: consistent
      matches: "[0-9]{6}"
      severity: info
      label: {en: the invoice is a sale and no cancellation (C…), zh-CN: 发票为销售而非取消（C…）}
      cure: {en: "their amounts are subtracted, as refunds are", zh-CN: 其金额按退款扣减}
"""
MODELS = {"rfm": {}, "lifecycle": {}, "pyramid": {}}


def retail_run(folder: Path) -> Run:
    """A run over the retail data with the rules above."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tierwise.yaml").write_text(PROJECT, encoding="utf-8")
    project, document = read_project(folder / "tierwise.yaml")
    sources = [Source(table, str(retail_file())) for table in ("orders", "order_lines")]
    rules = project_rules(project.quality, document, date(2026, 1, 1))
    return run(Job(Workspace(folder / "w"), sources, build_models(Document({"models": MODELS}, "retail")), rules=rules))


def report(found: Run) -> str:
    """The screens of `tierwise quality`, as they are quoted: in English, whatever was spoken before."""
    take_language(["--lang", "en"])
    out = io.StringIO()
    screen = Console(width=118, file=out, highlight=False)
    card: Mapping[str, Any] = found.manifest.quality
    show_quality(screen, card)
    show_scores_by_table(screen, card)
    show_rules(screen, card)
    show_doubts(screen, card, found)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip()


def main() -> None:
    """Print the findings."""
    with tempfile.TemporaryDirectory() as folder:
        print(report(retail_run(Path(folder))))


if __name__ == "__main__":
    main()
