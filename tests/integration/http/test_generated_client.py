"""A client that a public generator makes from the description works against the service."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.http.served import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = "generated_relaybook_client"
_SECONDS = 100


@pytest.fixture
def generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: Served) -> Iterator[Any]:
    """A function that imports a module of the generated package."""
    folder = tmp_path / "client"
    folder.mkdir()
    document, config = folder / "openapi.json", folder / "config.yaml"
    document.write_text(json.dumps(service.description()), encoding="utf-8")
    config.write_text("post_hooks: []\n", encoding="utf-8")  # no formatter runs over it
    done = subprocess.run(
        [
            Path(sys.executable).with_name("openapi-python-client"), "generate",
            "--path", document, "--config", config, "--meta", "none",
            "--output-path", folder / _PACKAGE,
        ],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Unable to process schema" not in done.stdout + done.stderr
    monkeypatch.syspath_prepend(folder)
    yield lambda name: importlib.import_module(f"{_PACKAGE}.{name}")
    for name in [name for name in sys.modules if name.startswith(_PACKAGE)]:
        del sys.modules[name]


@pytest.fixture
def service(tmp_path: Path, sqlite_url: str) -> Iterator[Served]:
    with served(tmp_path, sqlite_url) as running:
        yield running


def test_it_registers_and_reads_a_setting_and_understands_a_problem(
    generated: Any, service: Served
) -> None:
    client = generated("client").AuthenticatedClient(
        base_url=service.url, token=service.token, httpx_args={"trust_env": False}
    )
    with client:
        _use(client, generated)


def _use(client: Any, generated: Any) -> None:
    models = generated("models")
    register = generated("api.smtp_settings.register_smtp_setting").sync_detailed
    read = generated("api.smtp_settings.read_smtp_setting").sync
    auth = models.SmtpSettingAuth.from_dict(
        {"method": "password", "user": "mailer", "password": "correct horse"}
    )
    wanted = models.NewSmtpSetting(id="acme", host="smtp.acme.example", auth=auth)
    made = register(client=client, body=wanted)
    assert made.status_code == HTTPStatus.CREATED, made.content
    assert (made.headers["ETag"], made.parsed.secret) == ('"v1"', "stored")

    found = read("acme", client=client)
    assert (found.host, found.port, found.version) == ("smtp.acme.example", 587, 1)
    assert found == made.parsed

    again = register(client=client, body=wanted).parsed
    assert isinstance(again, models.Problem)
    assert again.type_ == "urn:relaybook:problem:already-exists"
    wrong = models.NewSmtpSetting(id="zed", host="smtp://zed.example")
    refused = register(client=client, body=wrong).parsed
    assert refused.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [error.pointer for error in refused.errors] == ["/host"]
