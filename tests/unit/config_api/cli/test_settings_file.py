from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.unit.config_api.cli.test_imports import CHANGED, IMPORTS, SAME, WRONG, item, plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.config_api.cli.conftest import Done, Service

HOST = {"path": "/host", "before": None, "after": "smtp.new.example"}
NEW = item("new", "create", changes=[HOST])


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "settings.yaml"
    path.write_text("relaybook: 1\n")
    return str(path)


def planned_then_done(service: Service) -> None:
    """Answer a dry run with a plan and the rest with the result."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params["dry_run"] == "true":
            return httpx.Response(200, json=plan(NEW, CHANGED, SAME))
        return httpx.Response(201, json=plan(NEW, CHANGED, SAME, dry_run=False))

    service.answers["POST", IMPORTS] = answer


def test_a_diff_is_unified_and_says_no_where_something_differs(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    service.answer("POST", IMPORTS, plan(NEW, CHANGED, SAME))
    done = relaybook("settings", "diff", file)
    assert done.code == 1
    assert done.out.splitlines() == [
        "--- /dev/null",
        f"+++ smtp-setting/new\t{file}",
        "+host: smtp.new.example",
        "--- smtp-setting/acme",
        f"+++ smtp-setting/acme\t{file}",
        "-port: 25",
        "+port: 587",
    ]
    assert done.err == ""
    (sent,) = service.requests
    assert (sent.url.params["mode"], sent.url.params["dry_run"]) == ("update", "true")


def test_a_diff_of_the_same_says_nothing_and_yes(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    service.answer("POST", IMPORTS, plan(SAME))
    assert relaybook("settings", "diff", file) == type(relaybook("version"))(0, "", "")


def test_applying_plans_then_does_and_prints_a_line_a_setting(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    planned_then_done(service)
    done = relaybook("settings", "apply", file)
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        "smtp-setting/new created",
        "smtp-setting/acme configured",
        "smtp-setting/globex unchanged",
    ]
    assert [one.url.params["dry_run"] for one in service.requests] == ["true", "false"]
    assert {one.content for one in service.requests} == {b"relaybook: 1\n"}


def test_applying_again_sends_nothing_but_the_plan(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    service.answer("POST", IMPORTS, plan(SAME))
    done = relaybook("settings", "apply", file)
    assert (done.code, done.out) == (0, "smtp-setting/globex unchanged\n")
    assert len(service.requests) == 1
    assert json.loads(relaybook("settings", "apply", file, "--json").out) == plan(SAME)


def test_a_dry_run_says_what_would_happen(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    planned_then_done(service)
    done = relaybook("settings", "apply", file, "--dry-run")
    assert done.code == 0
    assert done.out.splitlines()[0] == "smtp-setting/new created (dry run)"
    assert len(service.requests) == 1


@pytest.mark.parametrize("command", ["diff", "apply"])
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_an_invalid_file_is_a_no_with_every_problem(
    service: Service, relaybook: Callable[..., Done], file: str, command: str, more: list[str]
) -> None:
    service.answer("POST", IMPORTS, plan(NEW, WRONG))
    done = relaybook("settings", command, file, *more)
    assert done.code == 1
    assert "/host" in done.err + done.out
    assert "A URL." in done.err + done.out
    assert "1 settings in it are invalid" in done.err
    assert len(service.requests) == 1


def test_the_result_is_told_in_japanese_too(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    planned_then_done(service)
    done = relaybook("--lang", "ja", "settings", "apply", file)
    assert done.out.splitlines()[-1] == "smtp-setting/globex 変更なし"


@pytest.mark.parametrize("line", [["diff", "settings.doc"], ["apply", "/nowhere/settings.json"]])
def test_a_file_that_cannot_be_read_is_wrong_usage(
    service: Service, relaybook: Callable[..., Done], line: list[str]
) -> None:
    assert relaybook("settings", *line).code == 2
    assert service.requests == []
