"""Files of settings against the service that really runs."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.running import rows
from tests.support.processes import RELAYBOOK

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.cli.running import Up

YAML = """\
relaybook: 1
settings:
  - id: {prefix}-a
    host: smtp.acme.example
    port: {port}
    auth: {{method: password, user: mailer, password: geheim}}
    x_mailer: 経理部メール
  - id: {prefix}-b
    host: smtp.globex.example
"""


@pytest.fixture(scope="module")
def sealer(demo: Up) -> str:
    """A token that may export secrets."""
    roles = ("--role", "operator", "--role", "credentials")
    return demo.run("tokens", "create", *roles, "--name", "sealer").stdout.strip()


def written(tmp_path: Path, prefix: str, port: int = 587) -> str:
    path = tmp_path / f"{prefix}-{port}.yaml"
    path.write_text(YAML.format(prefix=prefix, port=port))
    return str(path)


def test_a_file_is_compared_applied_and_applied_again(demo: Up, tmp_path: Path) -> None:
    file = written(tmp_path, "app")
    assert demo.run("settings", "diff", file).returncode == 1
    first = demo.run("settings", "apply", file)
    assert first.returncode == 0, first.stderr
    created = ["smtp-setting/app-a created", "smtp-setting/app-b created"]
    assert first.stdout.splitlines() == created
    before = demo.run("events", "list", "--json").stdout
    again = demo.run("settings", "apply", file)
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines() == [one.replace("created", "unchanged") for one in created]
    assert demo.run("settings", "diff", file).stdout == ""
    assert demo.run("events", "list", "--json").stdout == before
    changed = demo.run("settings", "diff", written(tmp_path, "app", 2525))
    assert changed.returncode == 1
    assert {"-port: 587", "+port: 2525"} <= set(changed.stdout.splitlines())
    assert "geheim" not in changed.stdout + changed.stderr


def test_an_invalid_file_changes_nothing_and_names_every_problem(demo: Up, tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text(
        "id,host,port\nbad-a,http://x,587\nbad-b,smtp.acme.example,0\nbad-c,ok.example,25\n"
    )
    for command in ("diff", "apply"):
        done = demo.run("settings", command, str(file))
        assert done.returncode == 1
        assert "smtp-setting/bad-a /host:" in done.stderr
        assert "smtp-setting/bad-b /port:" in done.stderr
    assert demo.run("settings", "get", "bad-c").returncode == 1


@pytest.mark.parametrize("suffix", ["json", "yaml", "csv", "xml"])
def test_what_was_exported_changes_nothing(demo: Up, tmp_path: Path, suffix: str) -> None:
    prefix = f"exp-{suffix}"
    assert demo.run("settings", "apply", written(tmp_path, prefix)).returncode == 0
    out = tmp_path / f"out.{suffix}"
    ids = ("--id", f"{prefix}-a", "--id", f"{prefix}-b")
    done = demo.run("export", *ids, "-o", str(out))
    assert done.returncode == 0, done.stderr
    assert "geheim" not in out.read_text()
    same = demo.run("settings", "apply", str(out))
    assert same.returncode == 0, same.stderr
    assert set(same.stdout.split()) & {"created", "configured"} == set()


def test_a_sealed_file_brings_its_passwords_along(demo: Up, tmp_path: Path, sealer: str) -> None:
    assert demo.run("settings", "apply", written(tmp_path, "seal")).returncode == 0
    out, secret = tmp_path / "out.json.age", tmp_path / "passphrase"
    secret.write_text("合言葉 with many words\n")
    sealed = ("--sealed", "--passphrase-file", str(secret), "-o", str(out))
    assert demo.run("export", *sealed).returncode == 1, "the administrator reads no secrets"
    done = demo.run("export", "--id", "seal-a", *sealed, RELAYBOOK_TOKEN=sealer)
    assert done.returncode == 0, done.stderr
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_bytes().startswith(b"age-encryption.org/v1\n")
    demo.run("settings", "delete", "seal-a", "--yes")
    back = demo.run(
        "import", str(out), "--mode", "new", "--passphrase-file", "-", stdin=secret.read_text()
    )
    assert back.returncode == 0, back.stderr
    assert "secret: stored" in demo.run("settings", "get", "seal-a").stdout
    wrong = demo.run(
        "import", str(out), "--mode", "update", "--passphrase-file", "-", stdin="nix\n"
    )
    assert wrong.returncode == 1
    assert "Relaybook-Passphrase" in wrong.stderr


def test_an_export_is_piped_into_an_import(demo: Up, tmp_path: Path) -> None:
    assert demo.run("settings", "apply", written(tmp_path, "pipe")).returncode == 0
    exported = demo.run("export", "--id", "pipe-a", "--format", "yaml")
    done = demo.run(
        "import", "-", "--format", "yaml", "--mode", "update", "--json", stdin=exported.stdout
    )
    assert json.loads(done.stdout)["counts"]["unchanged"] == 1


def test_a_version_is_brought_back_also_after_deletion(demo: Up) -> None:
    demo.run("settings", "register", "back", "--host", "smtp.acme.example")
    demo.run("settings", "update", "back", "--port", "2525")
    history = rows(demo.run("settings", "history", "back").stdout)
    assert [(row[0], row[2]) for row in history] == [
        ("2", "smtp_setting.updated"),
        ("1", "smtp_setting.registered"),
    ]
    compared = demo.run("settings", "history", "back", "--compare", "1", "2")
    assert rows(compared.stdout) == [["/port", "587", "2525"]]
    assert "port: 587" in demo.run("settings", "restore", "back", "--version", "1").stdout
    demo.run("settings", "delete", "back", "--yes")
    done = demo.run("settings", "restore", "back", "--version", "2")
    assert done.returncode == 0, done.stderr
    assert "port: 2525" in done.stdout
    nothing = demo.run("settings", "restore", "back", "--version", "99")
    assert nothing.returncode == 1
    assert "/version" in nothing.stderr


def test_the_past_and_the_effective_setting_are_shown(demo: Up) -> None:
    demo.run("settings", "register", "then", "--host", "smtp.acme.example")
    registered = json.loads(demo.run("events", "list", "--subject", "smtp_setting/then",
                                     "--json").stdout)  # fmt: skip
    demo.run("settings", "delete", "then", "--yes")
    then = demo.run("settings", "list", "--q", "then", "--at", registered["position"])
    assert [row[0] for row in rows(then.stdout)] == ["then"]
    effective = demo.run("settings", "effective", "demo")
    assert "mail.smtp.host\t127.0.0.1\tderived" in effective.stdout.splitlines()
    for target in ("javamail", "spring-boot", "django", "nodemailer", "env", "postfix"):
        rendered = demo.run("settings", "effective", "demo", "--render", target)
        assert rendered.returncode == 0, rendered.stderr
        assert "127.0.0.1" in rendered.stdout


def test_ctrl_c_leaves_no_half_file(demo: Up, tmp_path: Path) -> None:
    fifo = tmp_path / "passphrase"
    out = tmp_path / "out.json.age"
    subprocess.run(["mkfifo", str(fifo)], check=True)
    with (
        subprocess.Popen(
            [*RELAYBOOK, "export", "--sealed", "--passphrase-file", str(fifo), "-o", str(out)],
            env=demo.environment,
            stderr=subprocess.PIPE,
        ) as export,
        fifo.open("w"),
    ):
        export.send_signal(signal.SIGINT)
        assert export.wait(30) == 130
    assert list(tmp_path.iterdir()) == [fifo]
