from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from services.config_api.cli.output import Output
from services.config_api.cli.plan_shown import MOST_SHOWN, PlanTable, plan_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.config_api.cli.conftest import Done, Service

IMPORTS = "/v1/imports"
COUNTS = {"create": 0, "overwrite": 0, "unchanged": 0, "skip": 0, "invalid": 0}


def item(setting_id: str, action: str, **others: Any) -> dict[str, Any]:
    return {
        "id": setting_id,
        "action": action,
        "changes": [],
        "problems": [],
        "warnings": [],
    } | others


def plan(*items: dict[str, Any], dry_run: bool = True, **others: Any) -> dict[str, Any]:
    counts = COUNTS.copy()
    for one in items:
        counts[one["action"]] += 1
    head = {"import_id": "i1", "mode": "update", "dry_run": dry_run, "counts": counts}
    return head | {"items": list(items), "ignored": []} | others


PORT = {"path": "/port", "before": 25, "after": 587}
CHANGED = item("acme", "overwrite", changes=[PORT])
SAME = item("globex", "unchanged")
WRONG = item("x", "invalid", problems=[{"pointer": "/host", "code": "url", "detail": "A URL."}])


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "settings.json"
    path.write_text('{"relaybook": 1, "settings": []}')
    return str(path)


def test_a_file_is_sent_with_its_format_length_and_key(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    service.answer("POST", IMPORTS, plan(CHANGED, SAME, dry_run=False), 201)
    done = relaybook("import", file, "--mode", "update")
    assert done.code == 0
    assert done.rows == [["ID", "ACTION", "DETAILS"], ["acme", "overwrite", "/port: 25 → 587"]]
    assert "Done: create 0, overwrite 1, unchanged 1" in done.err
    (sent,) = service.requests
    assert dict(sent.url.params) == {
        "mode": "update", "dry_run": "false", "skip_invalid": "false", "format": "json",
    }  # fmt: skip
    assert sent.content == b'{"relaybook": 1, "settings": []}'
    assert sent.headers["Content-Length"] == "32"
    assert "Transfer-Encoding" not in sent.headers
    assert sent.headers["Idempotency-Key"]


def test_a_file_whose_answer_was_lost_is_sent_again_from_its_beginning(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    def lost_once(request: httpx.Request) -> httpx.Response:
        if len(service.requests) == 1:
            raise httpx.ReadError("reset")
        return httpx.Response(201, json=plan(dry_run=False))

    service.answers["POST", IMPORTS] = lost_once
    assert relaybook("import", file, "--mode", "new").code == 0
    first, second = service.requests
    assert first.content == second.content
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


def test_a_sealed_file_is_sent_with_its_passphrase_in_a_header(
    service: Service, relaybook: Callable[..., Done], tmp_path: Path
) -> None:
    sealed, secret = tmp_path / "s.csv.age", tmp_path / "secret"
    sealed.write_bytes(b"age-encryption.org/v1")
    secret.write_text("合言葉\n")
    service.answer("POST", IMPORTS, plan())
    done = relaybook("import", str(sealed), "--mode", "new", "--dry-run",
                     "--passphrase-file", str(secret))  # fmt: skip
    assert done.code == 0, done.err
    (sent,) = service.requests
    assert sent.headers["Content-Type"] == "application/age"
    assert sent.url.params["format"] == "csv"
    assert sent.headers["Relaybook-Passphrase"] == "UTF-8''%E5%90%88%E8%A8%80%E8%91%89"


def test_a_dry_run_that_would_be_refused_is_a_no(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    service.answer("POST", IMPORTS, plan(CHANGED, WRONG))
    done = relaybook("import", file, "--mode", "new", "--dry-run")
    assert done.code == 1
    assert ["x", "invalid", "/host: A URL."] in done.rows
    skipping = relaybook("import", file, "--mode", "new", "--dry-run", "--skip-invalid")
    assert skipping.code == 0


def test_a_refused_import_prints_its_plan_and_the_problem(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    service.refuse("POST", IMPORTS, 422, "import-invalid", plan=plan(WRONG, dry_run=False))
    done = relaybook("import", file, "--mode", "new")
    assert done.code == 1
    assert ["x", "invalid", "/host: A URL."] in done.rows
    assert "Error: import-invalid" in done.err
    assert "Done" not in done.err
    as_json = relaybook("import", file, "--mode", "new", "--json")
    assert json.loads(as_json.out)["items"] == [WRONG]
    problem = json.loads(as_json.err)
    assert problem["status"] == 422
    assert "plan" not in problem


def test_a_refusal_without_a_plan_is_told(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    service.refuse("POST", IMPORTS, 413, "payload-too-large")
    assert "payload-too-large" in relaybook("import", file, "--mode", "new").err
    errors = [{"pointer": "?mode", "code": "c", "detail": "d"}]
    service.refuse("POST", IMPORTS, 422, "validation-failed", errors=errors)
    done = relaybook("import", file, "--mode", "new")
    assert (done.code, done.out) == (1, "")
    assert "?mode: d" in done.err


def test_json_is_the_whole_plan(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    for one in (plan(CHANGED, SAME), plan()):
        service.answer("POST", IMPORTS, one)
        done = relaybook("import", file, "--mode", "new", "--dry-run", "--json")
        assert json.loads(done.out) == one


def test_an_answer_that_breaks_off_is_no_success(
    service: Service, relaybook: Callable[..., Done], file: str
) -> None:
    text = json.dumps(plan(CHANGED))[:-3]
    service.answers["POST", IMPORTS] = lambda _: httpx.Response(200, text=text)
    done = relaybook("import", file, "--mode", "new", "--dry-run")
    assert done.code == 70
    assert "broke off" in done.err


def test_a_terminal_shows_so_many_settings_and_counts_the_rest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Output, "on_terminal", property(lambda self: not self.as_json))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    table = PlanTable(Output(as_json=False))
    for number in range(MOST_SHOWN + 5):
        table.item(item(f"acme{number:04}", "create"))
        table.item(item(f"same{number:04}", "unchanged"))
    table.end(plan())
    told = capsys.readouterr()
    assert f"acme{MOST_SHOWN - 1:04}" in told.out
    assert f"acme{MOST_SHOWN:04}" not in told.out
    assert "same" not in told.out
    assert "… and 5 more; --json prints all." in told.err


def test_a_plan_has_a_row_for_each_field_that_changes() -> None:
    changes = [PORT, {"path": "/x_mailer", "before": "a", "after": None}]
    warnings = [{"code": "host_trimmed", "detail": "Spaces were taken off."}]
    assert plan_rows(item("acme", "overwrite", changes=changes, warnings=warnings)) == [
        ("acme", "overwrite", "/port: 25 → 587"),
        ("acme", "overwrite", "/x_mailer: a → -"),
        ("acme", "overwrite", "Warning: Spaces were taken off."),
    ]


def test_a_new_setting_is_one_row_without_its_empty_fields() -> None:
    changes = [
        {"path": "/host", "before": None, "after": "smtp.acme.example"},
        {"path": "/debug", "before": None, "after": False},
        {"path": "/ca_pem", "before": None, "after": None},
    ]
    rows = plan_rows(item("acme", "create", changes=changes))
    assert rows == [("acme", "create", "host=smtp.acme.example, debug=false")]
