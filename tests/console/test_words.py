"""No template says anything in one language alone: words stand inside `t`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CONSOLE = Path(__file__).resolve().parents[2] / "src" / "tierwise_console"
TEMPLATES = sorted(CONSOLE.rglob("templates/**/*.html"))
ALLOWED = re.compile(r"^(PNG|CSV|JSON|YAML|API|ID|SLA|R|F|M|nbsp|tierwise.*|openapi|json|yaml|csv|Excel|up|down|same)$")


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_words_stand_in_both_languages(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    # what Django reads goes first: a comparison in it is no end of a tag
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.S)
    text = re.sub(r"<script.*?</script>|<code>.*?</code>|<[^>]*>|&\w+;", " ", text, flags=re.S)
    bare = [word for word in re.findall(r"[A-Za-z\u4e00-\u9fff]{2,}", text) if not ALLOWED.match(word)]
    assert bare == []
