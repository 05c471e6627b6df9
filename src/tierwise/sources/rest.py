"""HTTP APIs through dlt, the optional extra `rest`: pages become JSON lines, which are read like any others.

This is the one file that imports dlt, and dlt is the only way to HTTP.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

from tierwise.config.environment import silence_dlt, variable
from tierwise.contracts.ingest import RawTable, ReadOptions
from tierwise.contracts.rest import Credentials, Paging, RestOptions
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.errors import Place, TierwiseError
from tierwise.language import Text
from tierwise.sources.jsonlines import open_jsonlines
from tierwise.sources.problems import NO_ROWS
from tierwise.sources.relation import new_name
from tierwise.sources.rest_problems import (
    FOREIGN_PAGE,
    HTTP_FAILED,
    HTTP_UNREACHABLE,
    MISSING_EXTRA,
    NO_CURSOR_COLUMN,
    NO_ROWS_PATH,
    NO_SECRET,
    NO_SINCE,
    NOT_JSON,
    NOT_ROWS,
    PAGES_REPEAT,
    SECRET_IN_URL,
)
from tierwise.sources.stored import content_fingerprint

ATTEMPTS = 4
FIRST_WAIT_SECONDS = 0.5
_TIMEOUT_SECONDS = 60
_MOST_EMPTY_PAGES = 50


def is_rest(location: str) -> bool:
    """Tell the address of an HTTP API from a path and from a database."""
    return location.startswith(("http://", "https://"))


def open_rest(engine: DuckDBEngine, location: str, options: ReadOptions, scratch: Path, told: Observer) -> RawTable:
    """Read all pages of one resource, or those at or above the cursor's last value, into `scratch`, a page at a time."""
    rest = options.rest or RestOptions()
    shown = _shown(location, rest)
    if options.cursor and rest.since is None:
        raise NO_SINCE.error(Place(file=shown), cursor=options.cursor)
    file = scratch / f"{new_name('rest')}.jsonl"
    with file.open("w", encoding="utf-8") as out:
        pages, rows, objects = 0, 0, 0
        for page in _pages(location, rest, options.after, shown):
            for row in page:
                objects += isinstance(row, dict)
                out.write(json.dumps(_flat(row) if isinstance(row, dict) else row, ensure_ascii=False) + "\n")
            pages, rows = pages + 1, rows + len(page)
            told.detail(Text("page {n}, {rows} rows", "第 {n} 页，共 {rows} 行").fill(n=pages, rows=rows))
    if not rows:
        raise NO_ROWS.error(Place(file=shown), path=shown)
    if not objects:
        raise NOT_ROWS.error(Place(file=shown), url=shown, path=rest.rows or "$")
    raw = open_jsonlines(engine, file, ReadOptions(encoding="utf-8"), scratch)
    names = [column.name for column in raw.columns]
    if options.cursor and options.cursor not in names:
        raise NO_CURSOR_COLUMN.error(Place(file=shown), cursor=options.cursor, known=", ".join(names))
    fingerprint = content_fingerprint(engine, scratch / f"{raw.relation}.parquet", names)
    notes = (Text("{pages} pages", "{pages} 页").fill(pages=pages), *raw.notes)
    name = rest.path.strip("/").rsplit("/", 1)[-1] or "rest"
    return replace(raw, name=name, file=shown, format="rest", fingerprint=fingerprint, notes=notes)


def _shown(location: str, rest: RestOptions) -> str:
    """The address without its query, which may hold a key; an address with a password is refused."""
    parts = urlsplit(location)
    bare = urlunsplit((parts.scheme, parts.netloc.rsplit("@", 1)[-1], parts.path.rstrip("/"), "", ""))
    if "@" in parts.netloc:
        raise SECRET_IN_URL.error(Place(file=bare))
    return f"{bare}/{rest.path.lstrip('/')}" if rest.path else bare


def _flat(row: dict[str, Any], before: str = "") -> dict[str, Any]:
    """An object in an object as columns of their own: `customer.id`."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        flat |= _flat(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}": value}
    return flat


def _pages(location: str, rest: RestOptions, after: str | None, shown: str) -> Iterator[list[Any]]:
    """The rows of page after page; pages that lead nowhere new or to another host are errors."""
    secret = _secret(rest.auth)
    params = {name: str(value) for name, value in rest.params.items()}
    if rest.since and after is not None:
        params[rest.since] = after
    host, seen, empty = urlsplit(location).netloc, set[str](), 0
    with _telling(shown, secret):
        client = _client(location, rest, secret)
        follow = rest.auth is None or rest.auth.kind != "api_key"
        checks = {"response": [_check_status(follow)]}
        for page in client.paginate(
            rest.path, params=params, data_selector=rest.rows, hooks=checks, allow_redirects=follow
        ):
            _check_path(page, rest, shown)
            following = page.paginator.has_next_page
            empty = 0 if page else empty + 1
            marks = {_hash(list(page))} if page else set[str]()
            if following:
                if urlsplit(page.request.url).netloc != host:
                    raise FOREIGN_PAGE.error(Place(file=shown), host=urlsplit(page.request.url).netloc)
                marks.add(_hash([page.request.url, page.request.params]))
            if marks & seen or empty > _MOST_EMPTY_PAGES:
                raise PAGES_REPEAT.error(Place(file=shown), url=shown)
            seen |= marks
            yield page


def _check_status(follow: bool) -> Callable[..., None]:
    """Redirects are followed unless a key of its own name goes with each request: it would go to another host too."""
    from dlt.sources.helpers import requests

    def check(response: Any, *_: Any, **__: Any) -> None:
        if response.status_code >= (400 if follow else 300):
            raise requests.HTTPError(response=response)

    return check


def _check_path(page: Any, rest: RestOptions, shown: str) -> None:
    """An empty page may be the last one, or a path that leads nowhere."""
    from dlt.common import jsonpath

    if page or rest.rows is None:
        return
    answer = page.response.json()
    if not jsonpath.find_values(rest.rows, answer):
        keys = ", ".join(answer) if isinstance(answer, dict) else type(answer).__name__
        raise NO_ROWS_PATH.error(Place(file=shown), url=shown, path=rest.rows, keys=keys)


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _secret(auth: Credentials | None) -> str | None:
    if auth is None:
        return None
    found = variable(auth.variable)
    if not found:
        raise NO_SECRET.error(variable=auth.variable)
    return found


@contextmanager
def _telling(shown: str, secret: str | None) -> Iterator[None]:
    """Say what went wrong between us and the server; what it answered is shown without the secret."""
    silence_dlt()
    try:
        from dlt.sources.helpers import requests
    except ImportError as error:
        raise MISSING_EXTRA.error() from error
    try:
        yield
    except TierwiseError:
        raise
    except requests.HTTPError as error:
        status, reason = error.response.status_code, error.response.reason
        body = _without(secret, " ".join(error.response.text.split())[:200])
        raise HTTP_FAILED.error(
            Place(file=shown), url=shown, status=f"{status} {reason}", body=body or "–", cure=_cure(status)
        ) from None  # the error holds the address, and that may hold the key
    except ValueError as error:  # JSON that cannot be read is one; also a total that is no number
        raise NOT_JSON.error(Place(file=shown), url=shown, reason=_without(secret, str(error))[:200]) from None
    except requests.RequestException as error:
        raise HTTP_UNREACHABLE.error(Place(file=shown), url=shown, reason=_without(secret, str(error))[:300]) from None


def _without(secret: str | None, text: str) -> str:
    for hidden in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret)) if secret else ():
        text = text.replace(hidden, "***")
    return text


def _cure(status: int) -> Text:
    if status < 400:
        return Text("use the address it redirects to as `location`", "请把 location 改为重定向后的地址")
    if status in (401, 403):
        return Text("check the secret in the variable and what it may read", "请检查环境变量中的密钥及其权限")
    if status == 404:
        return Text("check location and path", "请检查 location 和 path")
    if status == 429:
        return Text("the server wants fewer requests: try later", "服务器限制了请求频率，请稍后再试")
    if status >= 500:
        return Text("try later; nothing of this import was kept", "请稍后重试；本次导入未保留任何内容")
    return Text("check the parameters", "请检查请求参数")


def _client(location: str, rest: RestOptions, secret: str | None) -> Any:
    from dlt.common.configuration.specs import RuntimeConfiguration
    from dlt.sources.helpers.requests import Client
    from dlt.sources.helpers.rest_client import RESTClient

    session = Client(
        raise_for_status=False,
        request_timeout=_TIMEOUT_SECONDS,
        request_max_attempts=ATTEMPTS,
        request_backoff_factor=FIRST_WAIT_SECONDS,
    ).session
    quiet = RuntimeConfiguration(dlthub_telemetry=False)
    return RESTClient(
        location, auth=_auth(rest.auth, secret), paginator=_paginator(rest.paging), session=session, config=quiet
    )


def _auth(auth: Credentials | None, secret: str | None) -> Any:
    from dlt.sources.helpers.rest_client import auth as kinds

    if auth is None:
        return None
    if auth.kind == "bearer":
        return kinds.BearerTokenAuth(token=secret)
    if auth.kind == "basic":
        return kinds.HttpBasicAuth(username=auth.user, password=secret)
    return kinds.APIKeyAuth(name=auth.name, api_key=secret, location="param" if auth.place == "query" else "header")


def _paginator(paging: Paging) -> Any:
    """None lets dlt look at the first answer."""
    from dlt.sources.helpers.rest_client import paginators as kinds

    match paging.kind:
        case "single":
            return kinds.SinglePagePaginator()
        case "page":
            return kinds.PageNumberPaginator(paging.first, page_param=paging.param or "page", total_path=paging.total)
        case "offset":
            return kinds.OffsetPaginator(
                paging.limit, offset_param=paging.param or "offset", limit_param=paging.limit_param,
                total_path=paging.total,
            )  # fmt: skip
        case "token":
            return kinds.JSONResponseCursorPaginator(paging.next, paging.param or "cursor")
        case "link":
            return kinds.JSONLinkPaginator(paging.next)
        case "header":
            return kinds.HeaderLinkPaginator(paging.next)
        case _:
            return None
