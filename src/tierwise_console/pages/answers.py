"""How pages answer: with the sentence of an error instead of a stack, back to where the person was."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tierwise.errors import TierwiseError
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors.exporting import guarded
from tierwise_console.shell.language import current_language

View = Callable[..., HttpResponseBase]


def back_to(request: HttpRequest, route: str, *args: Any) -> HttpResponseRedirect:
    """To the page that a form came from, else to a page by its name."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(wanted)
    return HttpResponseRedirect(reverse(route, args=args))


def telling(route: str) -> Callable[[View], View]:
    """Tell an error of the core or of a service as a message, on the page that the form came from."""

    def decorate(view: View) -> View:
        @wraps(view)
        def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except TierwiseError as error:
                if request.headers.get("HX-Request"):
                    return problem_fragment(request, error)
                tell(request, error)
                return back_to(request, route)

        return told

    return decorate


def may(user: Any, permission: Permission) -> bool:
    """Whether whoever looks may do a thing: pages leave out what would be refused."""
    return bool(getattr(user, "may", lambda _: False)(permission))


def tell(request: HttpRequest, error: TierwiseError) -> None:
    """Put each problem of an error among the messages of the next page."""
    lang = current_language()
    for problem in error.problems:
        messages.error(request, f"{problem.what.to(lang)} – {problem.cause.to(lang)} {problem.cure.to(lang)}")


def problem_fragment(request: HttpRequest, error: TierwiseError, status: int = 200) -> HttpResponse:
    """The problems as a piece of a page."""
    return render(request, "pages/parts/problems.html", {"problems": error.problems}, status=status)


def csv_answer(name: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    """A small table as a CSV file that spreadsheets open as UTF-8 and take no formula from."""
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    written = csv.writer(answer)
    written.writerow(heads)
    written.writerows([guarded(value) for value in row] for row in rows)
    return answer


def not_there(request: HttpRequest, error: TierwiseError) -> HttpResponse:
    """A page that says what is not there and what to do."""
    return render(request, "pages/parts/not_there.html", {"problems": error.problems}, status=404)
