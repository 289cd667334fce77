from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from events import log_lines
from services.config_api.bootstrap import logs as of_the_service
from services.config_api.domain.errors import SettingNotFound
from services.config_api.domain.secret import Secret
from services.conn_tester import logs as of_the_tester

CANARY = "hunter2-hunter2"
Configure = Callable[[str, str], None]


def _service(level: str, log_format: str) -> None:
    of_the_service.configure(level, log_format)


def _tester(level: str, log_format: str) -> None:
    of_the_tester.configure_logs(level=level, log_format=log_format)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    hooks = sys.excepthook, threading.excepthook
    yield
    root.handlers, root.level = handlers, level
    sys.excepthook, threading.excepthook = hooks
    structlog.reset_defaults()


@pytest.fixture(params=[_service, _tester])
def configure(request: pytest.FixtureRequest) -> Configure:
    chosen: Configure = request.param
    return chosen


@pytest.fixture(params=["json", "console"])
def log_format(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Holder:
    def __repr__(self) -> str:
        return f"Holder(password={CANARY})"


LINES: list[dict[str, Any]] = [
    {"password": CANARY},
    {"client_secret": CANARY, "a": {"refresh_token": CANARY, "b": [{"Authorization": CANARY}]}},
    {"apiKey": CANARY, "X-Api-Key": CANARY, "masterKey": CANARY, "set_cookie": [CANARY]},
    {"secret": Secret(CANARY), "holder": Holder(), "body": f"password={CANARY}&x=1".encode()},
    {"headers": {"Cookie": f"relaybook={CANARY}"}, "error": ValueError(CANARY)},
    {"url": f"postgresql://mailer:{CANARY}@db/x", "line": f"AUTH PLAIN {CANARY}"},
    {"seen": f"Authorization: Bearer {CANARY}", "path": f"/sign-in?link={CANARY}"},
    {"answer": json.dumps({"access_token": CANARY}), "told": repr({"password": CANARY})},
    {"token_value": CANARY, "of": {"rb_" + CANARY.replace("-", "") * 4}},
    {"pem": f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----"},
]


@pytest.mark.parametrize("line", LINES)
def test_no_line_holds_what_is_or_looks_like_a_secret(
    line: dict[str, Any],
    configure: Configure,
    log_format: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("debug", log_format)
    structlog.get_logger("a").info("it is told", **line)
    told = capsys.readouterr().err
    assert "it is told" in told
    assert CANARY not in told.replace("\n", "")
    assert CANARY.replace("-", "") not in told


def test_what_is_no_secret_stays(capsys: pytest.CaptureFixture[str]) -> None:
    _service("info", "json")
    facts = {
        "token_id": "t-1", "provider_id": "idp", "secret_version": 3, "tokens": 12, "done": True,
        "path": "/v1/tokens", "host": "smtp.acme.example", "took": 1.5, "none": None,
        "codes": ["ok", "bad_credentials"],
    }  # fmt: skip
    structlog.get_logger("a").info("an access token was fetched", **facts)
    told = json.loads(capsys.readouterr().err)
    assert {name: told[name] for name in facts} == facts
    assert told["event"] == "an access token was fetched"


def test_deep_values_are_texts(capsys: pytest.CaptureFixture[str]) -> None:
    deep: dict[str, Any] = {"password": CANARY}
    for _ in range(12):
        deep = {"a": deep}
    _service("info", "json")
    structlog.get_logger("a").info("deep", deep=deep)
    assert CANARY not in capsys.readouterr().err


def _fail(text: str) -> None:
    password = text
    try:
        int(password)
    except ValueError as error:
        raise KeyError(password) from error


def test_an_exception_tells_its_place_and_neither_values_nor_local_variables(
    configure: Configure, log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("info", log_format)
    try:
        _fail(CANARY)
    except KeyError:
        structlog.get_logger("a").exception("failed")
        logging.getLogger("other").exception("failed, too: %s", "password=" + CANARY)
    told = capsys.readouterr().err
    assert CANARY not in told
    assert told.count("int(password)") == 2
    assert "ValueError: (its words are not logged" in told
    assert "which led to:" in told


def test_the_words_of_the_system_and_our_own_are_told() -> None:
    assert "No space left" in log_lines.told(OSError(28, "No space left on device"))
    assert "acme" in log_lines.told(SettingNotFound("acme"))
    assert CANARY not in log_lines.told(OSError(f"://u:{CANARY}@host"))


def test_every_error_of_a_group_is_told() -> None:
    group = ExceptionGroup(CANARY, [ValueError(CANARY), OSError(5, "I/O error")])
    group.__context__ = group
    told = log_lines.told(group)
    assert told.count("one of them:") == 2
    assert "I/O error" in told
    assert CANARY not in told


def test_what_ends_the_process_or_a_thread_is_a_line_without_values(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("info", "json")
    thread = threading.Thread(target=_fail, args=(CANARY,), name="duty")
    thread.start()
    thread.join()
    threading.excepthook(threading.ExceptHookArgs((ValueError, ValueError(CANARY), None, None)))
    error = ValueError(CANARY)
    sys.excepthook(ValueError, error, None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    told = capsys.readouterr().err
    assert "a thread ended by an error" in told
    assert '"thread": "duty"' in told
    assert "the process ended by an error" in told
    assert "KeyboardInterrupt" in told
    assert CANARY not in told


def test_libraries_do_not_tell_what_they_send(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("debug", "json")
    for name in ("httpcore.http11", "sqlalchemy.engine.Engine"):
        logging.getLogger(name).debug("headers")
        logging.getLogger(name).info("parameters")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "offer",
    ["250-AUTH PLAIN LOGIN", "250 AUTH LOGIN SCRAM-SHA-256-PLUS XOAUTH2", "AUTH CRAM-MD5 NTLM"],
)
def test_the_mechanisms_that_a_server_offers_are_no_secrets(offer: str) -> None:
    assert log_lines.redacted(None, "info", {"text": offer}) == {"text": offer}


@pytest.mark.parametrize(
    "sent", ["AUTH PLAIN LOGINx", "AUTH PLAIN AGFubgBwdw==", "AUTH LOGIN bWFpbGVy"]
)
def test_an_initial_response_is_a_secret(sent: str) -> None:
    masked = {"text": sent.rpartition(" ")[0] + " ***"}
    assert log_lines.redacted(None, "info", {"text": sent}) == masked
