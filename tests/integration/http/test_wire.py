"""What the running server makes of requests as bytes: their shapes, limits, hosts, and headers."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pytest

from tests.integration.http.served import served
from tests.support.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

PROTECTING: Final = {
    "content-security-policy": "default-src 'self'; object-src 'none'; base-uri 'none';"
    " frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
JSON: Final = "Content-Type: application/json"
FORM: Final = "Content-Type: application/x-www-form-urlencoded"
CSV: Final = "Content-Type: text/csv"
POST: Final = "POST /v1/smtp-settings"
IMPORT: Final = "POST /v1/imports?mode=new"
_numbers = count()


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    folder = tmp_path_factory.mktemp("wire")
    with served(folder, f"sqlite:///{folder / 'wire.db'}") as running:
        parts = urlsplit(running.url)
        token = f"Authorization: Bearer {running.token}\r\n"
        yield Wire(str(parts.hostname), parts.port or 0, token)


def a_setting() -> str:
    return json.dumps({"id": f"s{next(_numbers)}", "host": "a.example"})


def chunked(*pieces: str, end: str = "0\r\n\r\n") -> str:
    return "".join(f"{len(piece):x}\r\n{piece}\r\n" for piece in pieces) + end


def is_last(wire: Wire, line: str, body: str = "", *more: str) -> int:
    """Return the status of a request; nothing behind it on the connection is read."""
    return wire.request(line, body, *more, ends=True).status


@pytest.mark.parametrize(
    "asked",
    ["GET /", "GET /settings", "GET /sign-in", "GET /nothing", "GET /v1/nothing", "DELETE /livez",
     "TRACE /", "OPTIONS /v1/me", "HEAD /livez", "GET /assets/app.css", "GET /docs",
     "GET /assets/../../i18n.py", "GET /assets/nothing.css", "GET /v1/me", "GET /metrics",
     "GET /v1/smtp-settings?q=%ff", "GET /%00", "GET /v1/events/stream", "GET /oauth/callback",
     "POST /sign-in", "POST /v1/smtp-settings", "GET /v1/smtp-settings?limit=x"],
)  # fmt: skip
def test_every_answer_has_the_headers_that_protect_a_browser(wire: Wire, asked: str) -> None:
    with wire.connect() as connection:
        head = f"{asked} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n{wire.headers}\r\n"
        connection.sendall(head.encode())
        got = b""
        while b"\r\n\r\n" not in got:
            got += connection.recv(65536)
    lines = got.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    headers = dict(line.split(": ", 1) for line in lines)
    assert PROTECTING.items() <= headers.items(), headers
    is_file = "app.css" in asked
    assert ("immutable" if is_file else "no-store") in headers["cache-control"]
    assert ("trace-id" in headers, "set-cookie" in headers) == (True, False)


@pytest.mark.parametrize(
    "lines",
    [("Content-Length: 6", "Content-Length: 5"), ("Content-Length: 5, 5",),
     ("Content-Length: +5",), ("Content-Length: -1",), ("Content-Length: 0x5",),
     ("Content-Length:",), ("Content-Length: 99999999999999999999999",),
     ("Transfer-Encoding: chunked, gzip",), ("Transfer-Encoding: gzip, chunked",),
     ("Transfer-Encoding: chunked, chunked",), ("Transfer-Encoding: identity",),
     ("Transfer-Encoding: xchunked",), ("Transfer-Encoding: \x0bchunked",),
     ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
     ("Content-Length : 5",), ("X: a\x00b",), ("X: a", " folded")],
)  # fmt: skip
def test_a_request_whose_end_is_in_doubt_is_refused(wire: Wire, lines: tuple[str, ...]) -> None:
    body = chunked(a_setting()) if "Transfer" in lines[0] else a_setting()
    assert is_last(wire, POST, body, JSON, *lines) == 400


@pytest.mark.parametrize("first", ["Content-Length: 6", "Transfer-Encoding: chunked"])
def test_with_two_lengths_nothing_behind_the_request_is_read(wire: Wire, first: str) -> None:
    second = {"Content-Length: 6": "Transfer-Encoding: chunked"}.get(first, "Content-Length: 6")
    hidden = f"GET /livez HTTP/1.1\r\nHost: localhost\r\n{wire.headers}\r\n"
    both = chunked(a_setting()) + hidden
    assert is_last(wire, POST, both, JSON, first, second) == 201  # and no second answer


def test_only_http_1_is_spoken(wire: Wire) -> None:
    for text in ("GET /livez HTTP/1.2\r\nHost: localhost\r\n\r\n", "GET /livez\r\n\r\n"):
        assert wire.send(text, ends=True).status == 400


def test_a_method_in_small_letters_is_none(wire: Wire) -> None:
    assert is_last(wire, "post /v1/smtp-settings", a_setting(), JSON) == 400
    assert wire.request("CONNECT mail.example:25").status == 404
    assert wire.request("TRACE /v1/me").status == 405


def test_heads_have_a_limit(wire: Wire) -> None:
    assert is_last(wire, f"GET /{'a' * 70_000}") == 414
    assert is_last(wire, "GET /livez", "", f"X: {'a' * 300_000}") == 431
    assert is_last(wire, "GET /livez", "", *(f"X{n}: a" for n in range(200))) == 431
    assert wire.request("GET /v1/me", "", f"X: {'a' * 20_000}").status == 200


@pytest.mark.parametrize(
    ("line", "kind", "limit"),
    [(POST, JSON, 10 << 20), (IMPORT, JSON, 200 << 20), ("POST /sign-in", FORM, 64 << 10),
     ("POST /appearance", FORM, 64 << 10), ("POST /import", FORM, 200 << 20)],
)  # fmt: skip
def test_a_body_above_the_limit_is_refused_without_being_read(
    wire: Wire, line: str, kind: str, limit: int
) -> None:
    length = f"Content-Length: {limit + 1}"
    seen = wire.request(line, "", kind, length, ends=True)
    assert (seen.status, seen.headers["connection"]) == (413, "close")
    assert is_last(wire, line, "", kind, length, "Expect: 100-continue") == 413


@pytest.mark.parametrize(
    ("line", "kind", "limit"),
    [(POST, JSON, 10 << 20), ("POST /sign-in", FORM, 64 << 10)],
)
def test_a_body_in_chunks_is_read_to_the_limit_and_no_further(
    wire: Wire, line: str, kind: str, limit: int
) -> None:
    head = f"{line} HTTP/1.1\r\nHost: localhost\r\n{kind}\r\nTransfer-Encoding: chunked\r\n"
    piece = chunked("a" * 65536, end="").encode()
    sent = 0
    with wire.connect() as connection:
        connection.sendall((head + wire.headers + "\r\n").encode())
        try:
            while sent < 4 * limit + (4 << 20):
                connection.sendall(piece)
                sent += 65536
        except OSError:
            pass  # refused, and the rest is not taken
        assert sent < limit + (8 << 20)


@pytest.mark.parametrize(
    "line", [POST, IMPORT, "POST /sign-in", "POST /appearance", "POST /import"]
)
def test_a_body_with_a_content_coding_is_refused(wire: Wire, line: str) -> None:
    kind = FORM if "/v1/" not in line else JSON
    seen = wire.request(line, "{}", kind, "Content-Encoding: gzip", "Content-Length: 2")
    assert seen.status == 415


@pytest.mark.parametrize("kind", ["text/csv", "application/yaml", "application/json"])
def test_a_file_that_is_cut_off_imports_nothing(wire: Wire, kind: str) -> None:
    name = f"cut{next(_numbers)}"
    file = {
        "text/csv": f"id,host\r\n{name},a.example\r\n",
        "application/yaml": f"relaybook: 1\nsettings:\n- id: {name}\n  host: a.example\n",
        "application/json": f'{{"relaybook": 1, "settings": [{{"id": "{name}", "host": "a.b"}}]',
    }[kind]
    head = f"{IMPORT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n{wire.headers}"
    for end in ("Content-Length: 9999", "Content-Length: 9999\r\nIdempotency-Key: k"):
        assert wire.send(f"{head}{end}\r\n\r\n{file}", cut=True).status == 400
    pieces = f"Transfer-Encoding: chunked\r\n\r\n{chunked(file, end='')}"
    assert wire.send(head + pieces, cut=True).status == 400
    assert wire.request(f"GET /v1/smtp-settings/{name}").status == 404


def test_no_page_is_made_for_a_form_whose_sender_has_left(wire: Wire) -> None:
    head = f"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n{FORM}\r\n"
    seen = wire.send(f"{head}Content-Length: 5000\r\n\r\na", cut=True)
    assert (seen.status, seen.body) == (400, b"")


def test_a_file_in_chunks_is_taken_where_its_end_is_its_own(wire: Wire) -> None:
    named = {"id": f"whole{next(_numbers)}", "host": "a.example"}
    document = json.dumps({"relaybook": 1, "settings": [named]})
    in_pieces = "Transfer-Encoding: chunked"
    assert (
        wire.request(IMPORT, chunked(document[:20], document[20:]), JSON, in_pieces).status == 201
    )
    told = wire.request(IMPORT, chunked("id,host\r\n"), CSV, in_pieces)
    assert (told.status, b"Content-Length" in told.body) == (400, True)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example:8587",
     "localhost@evil.example", "localhost/evil", "192.0.2.1", "[2001:db8::1]", "relaybook", "",
     "localhost, evil.example", "127.1", "0x7f.1", "[::ffff:192.0.2.1]", "localhost:x", "a b"],
)  # fmt: skip
def test_a_foreign_host_is_refused_and_told_why(wire: Wire, host: str) -> None:
    for path in ("/v1/me", "/", "/metrics", "/sign-in"):
        seen = wire.request(f"GET {path}", host=f"Host: {host}")
        assert seen.status == 400, path
        assert b"RELAYBOOK_PUBLIC_URL" in seen.body
    assert wire.request("GET /readyz", host=f"Host: {host}").status == 200  # balancers name none


def test_a_host_of_the_service_itself_is_taken(wire: Wire) -> None:
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.2:80", "[::1]:8587",
                 "localhost.", "app.localhost", f"{wire.host}:{wire.port}"):  # fmt: skip
        assert wire.request("GET /v1/me", host=f"Host: {host}").status == 200, host


@pytest.mark.parametrize(
    "lines", [(), ("Host: localhost", "Host: evil.example"), ("Host: localhost", "Host: localhost")]
)
def test_a_request_names_one_host(wire: Wire, lines: tuple[str, ...]) -> None:
    assert wire.request("GET /v1/me", "", *lines, host="").status == 400


def test_what_a_proxy_would_say_is_heeded_from_no_proxy(wire: Wire) -> None:
    spoofed = (
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-For: 203.0.113.9",
        "X-Forwarded-Proto: https",
        "Forwarded: for=203.0.113.9;host=evil.example",
    )
    body = a_setting()
    made = wire.request(POST, body, JSON, f"Content-Length: {len(body)}", *spoofed)
    assert made.status == 201
    seen = wire.request(f"GET /v1/smtp-settings/{json.loads(body)['id']}/history")
    assert json.loads(seen.body)["items"][0]["source_ip"] == "127.0.0.1"
