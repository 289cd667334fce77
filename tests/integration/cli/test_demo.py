"""The five minutes of a newcomer, against a real `relaybook up --demo`."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.integration.cli.running import SAMPLE, fields, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.integration.cli.running import Up

DEMO = ["demo", "demo-wrong-password", "demo-wrong-port", "demo-wrong-security"]


def test_it_tells_its_address_its_data_and_the_way_in(demo: Up) -> None:
    lines = demo.told.splitlines()
    assert lines[0] == f"Relaybook runs at {demo.url}"
    assert lines[1] == f"Its data is in {demo.data_dir}"
    link = lines[2].removeprefix("Sign in (once, within an hour): ")
    assert link.startswith(f"{demo.url}/sign-in?link=")
    assert any("relaybook test demo" in line for line in lines)
    answer = httpx.get(link, trust_env=False)
    assert answer.is_redirect
    assert "relaybook" in answer.cookies


def test_the_demos_settings_are_registered(demo: Up) -> None:
    listed = demo.run("settings", "list", "--q", "demo")
    assert [row[0] for row in rows(listed.stdout)] == DEMO
    assert listed.stderr == ""


@pytest.mark.parametrize(
    ("setting_id", "exit_code", "end"),
    [
        ("demo", 0, ("passed", "quit", "ok")),
        ("demo-wrong-password", 1, ("failed", "auth", "bad_credentials")),
        ("demo-wrong-port", 1, ("failed", "tcp", "refused")),
        ("demo-wrong-security", 1, ("failed", "tls", "port_expects_plain")),
    ],
)
def test_each_demo_setting_ends_as_it_should(
    demo: Up, setting_id: str, exit_code: int, end: tuple[str, str, str]
) -> None:
    done = demo.run("test", setting_id, "--json")
    assert done.returncode == exit_code, done.stderr
    test = json.loads(done.stdout)
    assert (test["verdict"], test["step"], test["code"]) == end
    assert test["warnings"] == []
    listed = rows(demo.run("settings", "list").stdout)
    assert [row[5] for row in listed if row[0] == setting_id] == [f"{end[0]} (v1)"]


def test_the_mail_server_of_a_domain_is_found(
    demo: Up, zone: dict[tuple[str, str], Sequence[str]]
) -> None:
    ports = json.loads((demo.data_dir / "demo" / "demo.json").read_text())["ports"]
    zone["smtp.acme.example", "A"] = ["127.0.0.1"]
    zone["_submission._tcp.acme.example", "SRV"] = [f"0 1 {ports['starttls']} smtp.acme.example."]
    done = demo.run("detect", "acme.example", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    (proposal,) = found["proposals"]
    assert (proposal["host"], proposal["port"]) == ("smtp.acme.example", ports["starttls"])
    assert [one["code"] for one in proposal["evidence"]] == [
        "srv_record", "answered", "certificate_not_trusted",
    ]  # fmt: skip
    assert found["attempts"] == 1
    nothing = demo.run("detect", "nowhere.example", "--lang", "ja")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "ドメイン nowhere.example は存在しません" in nothing.stderr


def test_the_steps_the_reason_and_the_change_are_told_in_words(demo: Up) -> None:
    done = demo.run("test", "demo-wrong-security")
    assert done.returncode == 1
    steps = [row[0] for row in fields(done.stdout)][:4]
    assert steps == ["config", "dns", "tcp", "tls"]
    assert "FAILED at step tls: port_expects_plain" in done.stdout
    assert "Change: security = starttls" in done.stdout
    assert (
        "失敗 (段階 tls): port_expects_plain"
        in demo.run("test", "demo-wrong-security", "--lang", "ja").stdout
    )


def test_an_address_that_nobody_allowed_is_inconclusive(demo: Up) -> None:
    draft = json.dumps({"host": "127.0.0.1", "port": 587, "security": "none"})
    done = demo.run("test", "-f", "-", "--json", stdin=draft)
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout)["code"] == "address_not_allowed"


def test_a_draft_is_tested_with_the_stored_password(demo: Up) -> None:
    stored = json.loads(demo.run("settings", "get", "demo", "--json").stdout)
    draft = {name: stored[name] for name in ("host", "port", "security", "ca_pem", "auth")}
    done = demo.run("test", "demo", "-f", "-", "--json", stdin=json.dumps(draft))
    assert done.returncode == 0, done.stderr
    test = json.loads(done.stdout)
    assert (test["draft"], test["code"]) == (True, "ok")


def test_the_platforms_file_is_planned_and_imported(demo: Up) -> None:
    plan = demo.run("import", str(SAMPLE), "--mode", "new", "--dry-run", "--json")
    assert plan.returncode == 0, plan.stderr
    found = json.loads(plan.stdout)
    assert found["dry_run"] is True
    assert found["counts"]["create"] == 4
    done = demo.run("import", str(SAMPLE), "--mode", "new")
    assert done.returncode == 0, done.stderr
    assert {row[0]: row[1] for row in rows(done.stdout)} == dict.fromkeys(
        ("default", "acme", "kaisha", "legacy"), "create"
    )
    assert "Done: create 4," in done.stderr
    again = json.loads(demo.run("import", str(SAMPLE), "--mode", "update", "--json").stdout)
    assert again["counts"]["unchanged"] == 4


def test_a_file_with_an_invalid_setting_is_refused_with_its_plan(
    demo: Up, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("files") / "wrong.xml"
    file.write_text(SAMPLE.read_text().replace("smtp.acme.example", "http://smtp.acme.example"))
    done = demo.run("import", str(file), "--mode", "update", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["counts"]["invalid"] == 1
    assert json.loads(done.stderr)["type"] == "urn:relaybook:problem:import-invalid"


def test_every_step_is_an_event(demo: Up) -> None:
    demo.run("test", "demo")
    found = rows(demo.run("events", "list").stdout)
    assert [int(row[0]) for row in found] == list(range(1, len(found) + 1))
    kinds = {row[2] for row in found}
    assert {
        "relaybook.smtp_setting.registered.v1",
        "relaybook.connection_test.completed.v1",
    } <= kinds
    about = ("--subject", "smtp_setting/demo", "--json")
    [registered] = demo.run("events", "list", *about).stdout.splitlines()
    assert json.loads(registered)["data"]["setting_id"] == "demo"
    assert len(rows(demo.run("events", "list", "--limit", "2").stdout)) == 2


def test_the_read_model_is_the_same_from_the_events_alone(demo: Up) -> None:
    before = demo.run("settings", "list", "--json").stdout
    done = demo.run("projections", "rebuild", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["differing"] == 0
    assert json.loads(done.stdout)["rows"] >= len(DEMO)
    assert demo.run("settings", "list", "--json").stdout == before
    assert all(row[2] == "0" for row in rows(demo.run("projections", "status").stdout))


def test_a_second_start_changes_nothing(up: Up) -> None:
    up.start("--demo")
    before = up.run("events", "list").stdout
    assert up.end() == 0
    up.start("--demo")
    assert up.run("events", "list").stdout == before
    assert up.run("test", "demo").returncode == 0


def test_what_it_keeps_is_for_its_owner_only(demo: Up) -> None:
    kept = [demo.data_dir, demo.data_dir / "demo", *(demo.data_dir / "demo").iterdir()]
    kept += [demo.data_dir / name for name in ("master.key", "admin.token", "tester.token")]
    assert {path: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in kept} == dict.fromkeys(
        kept, 0
    )
