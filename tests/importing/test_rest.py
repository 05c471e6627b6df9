"""HTTP APIs on a real server of this machine: pages, secrets, what servers do wrong, and going on from a cursor."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tierwise.cli.main import execute
from tierwise.sources import rest

pytest.importorskip("dlt")
SECRET = "s3cret/token"
Answer = Callable[[dict[str, str], dict[str, str]], tuple[int, Any]]


def order(number: int, day: int = 1, amount: str = "19.90") -> dict[str, Any]:
    return {"id": number, "updated_at": f"2026-01-{day:02}T08:00:00", "total": amount, "customer": {"id": f"c{number}"}}


class Server:
    """Answers GET by what a test says; keeps what was asked."""

    def __init__(self) -> None:
        self.answer: Answer = lambda query, headers: (200, [])
        self.asked: list[dict[str, str]] = []
        self.headers: dict[str, str] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
                outer.asked.append(query)
                status, body = outer.answer(query, dict(self.headers.items()))
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                for header in outer.headers.items():
                    self.send_header(*header)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Keep the output of tests clean."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)

    def paged(self, rows: list[dict[str, Any]], size: int = 2) -> None:
        """Pages by number, behind a bearer token, filtered by updated_since."""

        def answer(query: dict[str, str], headers: dict[str, str]) -> tuple[int, Any]:
            if headers.get("Authorization") != f"Bearer {SECRET}":
                return 401, {"error": f"unknown token {headers.get('Authorization')}"}
            found = [row for row in rows if row["updated_at"] >= query.get("updated_since", "")]
            page = int(query["page"])
            return 200, {"data": {"items": found[(page - 1) * size : page * size]}}

        self.answer = answer


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    made.thread.start()
    yield made
    made.http.shutdown()
    made.http.server_close()
    made.thread.join()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOP_TOKEN", SECRET)
    monkeypatch.setattr(rest, "FIRST_WAIT_SECONDS", 0.01)
    return tmp_path


def project(home: Path, server: Server, how: str, more: str = "") -> None:
    (home / "tierwise.yaml").write_text(
        f"version: 1\nsources:\n  shop:\n    fills: orders\n    location: {server.url}\n    rest: {how}\n"
        f"    columns: {{order_id: id, customer_id: customer.id, order_date: updated_at, amount: total}}\n{more}",
        encoding="utf-8",
    )


PAGED = "{path: orders, rows: data.items, since: updated_since, paging: {kind: page}, auth: {variable: SHOP_TOKEN}}"


def imported(capsys: pytest.CaptureFixture[str]) -> dict[str, Any] | None:
    code = execute(["import", "--lang", "en", "--json"])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    found: dict[str, Any] | None = json.loads(captured.out)["imports"][0]["import"]
    return found


def refused(capsys: pytest.CaptureFixture[str], lang: str = "en") -> str:
    assert execute(["import", "--lang", lang]) != 0
    return capsys.readouterr().err


def test_pages_behind_a_token_and_going_on_from_the_cursor(
    home: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [order(number, number) for number in range(1, 6)]
    server.paged(rows)
    project(home, server, PAGED, "    cursor: updated_at\n")
    first = imported(capsys)
    assert first is not None and (first["rows"], first["mode"], first["cursor"]) == (5, "cursor", "2026-01-05T08:00:00")
    assert [query["page"] for query in server.asked] == ["1", "2", "3", "4"]
    assert imported(capsys) is None, "the row at the cursor comes again, and is nothing new"
    assert server.asked[-1]["updated_since"] == "2026-01-05T08:00:00"
    rows += [order(6, 6), order(5, 7, "25.00")]
    second = imported(capsys)
    assert second is not None and second["cursor"] == "2026-01-07T08:00:00"
    assert list(second["overlaps"].values()) == [1], "order 5 came before"
    kept = [file for file in home.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]
    assert not kept, "the secret is written nowhere"


def test_a_snapshot_is_imported_once_in_whatever_order_its_rows_come(
    home: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [order(1), order(2), order(3)]
    server.answer = lambda query, headers: (200, rows)
    project(home, server, "{path: orders, paging: {kind: single}}")
    first = imported(capsys)
    assert first is not None and (first["rows"], first["mode"]) == (3, "snapshot")
    rows.reverse()
    assert imported(capsys) is None
    rows.pop()
    changed = imported(capsys)
    assert changed is not None and (changed["rows"], changed["replaces"]) == (2, [first["id"]])


@pytest.mark.parametrize(
    ("how", "asked"),
    [
        ("{kind: offset, limit: 2, limit_param: size}", [{"offset": "0", "size": "2"}, {"offset": "2", "size": "2"}]),
        ("{kind: token, param: after, next: meta.token}", [{}, {"after": "2"}]),
        ("{kind: link, next: meta.link}", [{}, {"offset": "2"}]),
        ("{kind: auto}", [{}, {"offset": "2"}]),
    ],
)
def test_other_ways_of_paging(
    home: Path, server: Server, capsys: pytest.CaptureFixture[str], how: str, asked: list[dict[str, str]]
) -> None:
    rows = [order(number) for number in range(3)]

    def answer(query: dict[str, str], headers: dict[str, str]) -> tuple[int, Any]:
        start = int(query.get("offset") or query.get("after") or 0)
        more = start + 2 < len(rows)
        link = f"{server.url}/orders?offset={start + 2}" if more else None
        meta = {"token": str(start + 2) if more else None, "link": link, "next": link}
        return 200, {"items": rows[start : start + 2], "meta": meta}

    server.answer = answer
    project(home, server, f"{{path: orders, rows: items, paging: {how}}}")
    found = imported(capsys)
    assert found is not None and found["rows"] == 3
    assert server.asked[:2] == asked


def test_a_server_that_stumbles_is_asked_again_and_one_that_fails_keeps_nothing(
    home: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    states = iter([503, 200])
    server.answer = lambda query, headers: (next(states, 500), [order(1)])
    project(home, server, "{path: orders, paging: {kind: single}}")
    assert imported(capsys) is not None
    server.asked.clear()
    assert "source.http_failed" in (told := refused(capsys)) and "500" in told and "try later" in told
    assert len(server.asked) == rest.ATTEMPTS
    assert len([folder for folder in (home / "imports").iterdir() if folder.is_dir()]) == 1


def test_a_failure_in_the_middle_is_made_good_by_the_next_import(
    home: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.paged([order(number, number) for number in range(1, 6)])
    whole = server.answer
    server.answer = lambda query, headers: (500, {}) if query["page"] == "3" else whole(query, headers)
    project(home, server, PAGED, "    cursor: updated_at\n")
    assert "source.http_failed" in refused(capsys)
    server.answer = whole
    found = imported(capsys)
    assert found is not None and found["rows"] == 5


PLAIN = "{path: orders, rows: items, paging: {kind: page}}"
ONE = {"items": [order(1)]}


@pytest.mark.parametrize(
    ("how", "status", "body", "code", "said"),
    [
        (PLAIN, 200, b"<html>log in</html>", "source.not_json", "page to log in"),
        (PLAIN, 200, {"orders": [1], "n": 1}, "source.no_rows_path", "orders, n"),
        (PLAIN, 200, ONE, "source.pages_repeat", "paging"),
        (PLAIN, 404, {}, "source.http_failed", "location and path"),
        (PLAIN, 200, {"items": []}, "input.no_rows", "orders"),
        ("{path: orders, paging: {kind: single}}", 200, [1, 2], "source.not_rows", "rows"),
        ("{rows: items, paging: {kind: token, next: n}}", 200, {"items": [], "n": "x"}, "source.pages_repeat", "twice"),
        (
            "{rows: items, paging: {kind: link}}", 200, ONE | {"next": "http://elsewhere.example/2"},
            "source.foreign_page", "elsewhere.example",
        ),
        ("{auth: {variable: NOT_SET_HERE}}", 200, [], "source.no_secret", "NOT_SET_HERE"),
    ],
)  # fmt: skip
def test_what_servers_and_projects_get_wrong(
    home: Path, server: Server, capsys: pytest.CaptureFixture[str],
    how: str, status: int, body: Any, code: str, said: str,
) -> None:  # fmt: skip
    server.answer = lambda query, headers: (status, body)
    project(home, server, how)
    told = refused(capsys)
    assert code in told and said in told


@pytest.mark.parametrize("auth", ["{variable: SHOP_TOKEN}", "{kind: api_key, place: query, variable: SHOP_TOKEN}"])
def test_no_error_shows_the_secret(home: Path, server: Server, capsys: pytest.CaptureFixture[str], auth: str) -> None:
    server.answer = lambda query, headers: (401, {"you sent": [query, headers]})
    project(home, server, f"{{auth: {auth}}}")
    told = refused(capsys)
    assert "401" in told and "***" in told and SECRET not in told and "s3cret" not in told
    server.http.shutdown()
    server.http.server_close()
    told = refused(capsys)
    assert "source.http_unreachable" in told and "s3cret" not in told


def test_a_key_does_not_follow_a_redirect(home: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere: list[dict[str, str]] = []
    other = Server()
    other.thread.start()
    other.answer = lambda query, headers: (elsewhere.append(headers), (200, [order(1)]))[1]  # type: ignore[func-returns-value]
    server.answer = lambda query, headers: (302, [])
    server.headers = {"Location": other.url.replace("127.0.0.1", "localhost")}
    try:
        project(home, server, "{paging: {kind: single}, auth: {kind: api_key, variable: SHOP_TOKEN}}")
        assert "302" in (told := refused(capsys)) and "redirects to" in told and not elsewhere
        project(home, server, "{paging: {kind: single}, auth: {variable: SHOP_TOKEN}}")
        assert imported(capsys) is not None and "Authorization" not in elsewhere[-1]
    finally:
        other.http.shutdown()
        other.http.server_close()


def test_api_key_and_basic(home: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    sent: list[dict[str, str]] = []
    server.answer = lambda query, headers: (sent.append(headers), (200, [order(len(sent))]))[1]  # type: ignore[func-returns-value]
    project(home, server, "{paging: {kind: single}, auth: {kind: api_key, name: X-Key, variable: SHOP_TOKEN}}")
    assert imported(capsys) is not None and sent[-1]["X-Key"] == SECRET
    project(home, server, "{paging: {kind: single}, auth: {kind: basic, user: u, variable: SHOP_TOKEN}}")
    assert imported(capsys) is not None and sent[-1]["Authorization"].startswith("Basic ")


def test_a_cursor_needs_a_parameter_and_a_column(
    home: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer = lambda query, headers: (200, [order(1)])
    project(home, server, "{paging: {kind: single}}", "    cursor: updated_at\n")
    assert "source.no_since" in refused(capsys) and not server.asked
    project(home, server, "{paging: {kind: single}, since: s}", "    cursor: changed_at\n")
    assert "source.no_cursor_column" in (told := refused(capsys, "zh-CN")) and "customer.id" in told


def test_a_password_in_the_address_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "tierwise.yaml").write_text("version: 1\nsources:\n  orders: {location: 'https://u:s3cret@shop.example'}\n")
    assert "source.secret_in_url" in (told := refused(capsys)) and "s3cret" not in told


def test_without_dlt_the_error_names_the_extra(
    home: Path, server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "dlt"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "dlt", None)  # type: ignore[arg-type]
    project(home, server, "{}")
    assert "source.missing_extra" in (told := refused(capsys)) and "tierwise[rest]" in told


def test_dlt_tells_nobody(home: Path, server: Server) -> None:
    """A process of its own: nothing but the server is connected to, and dlt's tracker has no address to write to."""
    server.answer = lambda query, headers: (200, [order(1)])
    project(home, server, "{paging: {kind: single}}")
    code = (
        "import socket, sys; real = socket.socket.connect\n"
        "def connect(self, address): print('TO', address[0], flush=True); return real(self, address)\n"
        "socket.socket.connect = connect\n"
        "from tierwise.cli.main import execute; done = execute(['import', '--lang', 'en'])\n"
        "from dlt.common.runtime import anon_tracker; print('TRACKER', anon_tracker._ANON_TRACKER_ENDPOINT)\n"
        "sys.exit(done)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert {line for line in done.stdout.splitlines() if line.startswith("TO")} == {"TO 127.0.0.1"}
    assert "TRACKER None" in done.stdout
