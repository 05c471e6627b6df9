"""What the child process can do: one file a task, each a function of a request and an observer that returns JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tierwise.engine.progress import Observer
from tierwise_console.runs.tasks.advising import advise
from tierwise_console.runs.tasks.computing import compute
from tierwise_console.runs.tasks.exporting import export, report
from tierwise_console.runs.tasks.importing import bring, take_back
from tierwise_console.runs.tasks.indexing import index_customers
from tierwise_console.runs.tasks.looking import look
from tierwise_console.runs.tasks.merging import merge_certain, take_word
from tierwise_console.runs.tasks.personal import erase_person, find, look_for_person, tell_of_person
from tierwise_console.runs.tasks.sorting import sort_imports
from tierwise_console.runs.tasks.trying import try_import
from tierwise_console.runs.tasks.valuing import value

TASKS: dict[str, Callable[[dict[str, Any], Observer], dict[str, Any]]] = {
    "look": look,
    "try": try_import,
    "import": bring,
    "undo": take_back,
    "run": compute,
    "index": index_customers,
    "sort": sort_imports,
    "report": report,
    "export": export,
    "person": find,
    "erasure.look": look_for_person,
    "erasure": erase_person,
    "subject": tell_of_person,
    "dedupe": merge_certain,
    "decide": take_word,
    "value": value,
    "advise": advise,
}
