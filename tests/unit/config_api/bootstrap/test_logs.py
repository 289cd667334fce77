from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from events.tracing import at_place, begun
from services.config_api.bootstrap.logs import configure
from services.config_api.domain.secret import Secret


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", "json")
    structlog.get_logger("a").info("a duty is held", duty="publishing")
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["duty"], told["level"]) == ("a duty is held", "publishing", "info")
    assert told["timestamp"].endswith("Z")


def test_a_line_names_the_trace_and_the_span_at_hand(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", "json")
    place = begun()
    with at_place(place):
        structlog.get_logger("a").info("within")
        logging.getLogger("kombu").info("within, too")
    structlog.get_logger("a").info("outside")
    within, too, outside = map(json.loads, capsys.readouterr().err.splitlines())
    assert (within["trace_id"], within["span_id"]) == (place.trace_id, place.span_id)
    assert too["trace_id"] == place.trace_id
    assert "trace_id" not in outside


def test_lines_of_other_packages_look_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    configure("warning", "json")
    logging.getLogger("kombu").warning("lost %s", "it")
    logging.getLogger("kombu").info("not shown")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "lost it"


def test_neither_a_secret_nor_local_variables_are_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for log_format in ("json", "console"):
        configure("info", log_format)
        fail_and_log("hunter2")
    told = capsys.readouterr().err
    assert told.count("in fail_and_log") == 2
    assert told.count("ValueError: (its words are not logged") == 2
    assert "***" in told
    assert "hunter2" not in told


def fail_and_log(password: str) -> None:
    secret = Secret(password)
    try:
        int("broken")
    except ValueError:
        structlog.get_logger("b").exception("failed", secret=secret)
