"""Postfix's own programs read the fragment of `main.cf`."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given

from services.config_api.rendering.postfix import PostfixTarget, fits_inline, is_exact
from tests.support.hostile import a_sending, hostile_texts
from tests.support.settings import a_certificate
from tests.support.smtp.process import program

if TYPE_CHECKING:
    from pathlib import Path

_RUN_S = 60
_LONG_AGO = 1_000_000_000
_MAPS = "smtp_sasl_password_maps"
# With a name of its own Postfix does not ask for that of the machine.
_BASE = "compatibility_level = 3.6\nmyhostname = app01.acme.example\n"


@dataclass(frozen=True)
class Configured:
    """A folder with a `main.cf`."""

    folder: Path
    postconf: str
    postmap: str

    def write(self, **fields: Any) -> None:
        text = PostfixTarget().render(a_sending(**fields), "ja")
        main = self.folder / "main.cf"
        main.write_text(f"{_BASE}{text}", encoding="utf-8")
        os.utime(main, (_LONG_AGO, _LONG_AGO))  # Postfix waits until a new file has cooled down

    def value(self, parameter: str) -> str:
        """Return a parameter as Postfix's programs see it, what it refers to in its place."""
        return self._run(self.postconf, "-c", str(self.folder), "-xh", parameter)

    def names(self) -> set[str]:
        listed = self._run(self.postconf, "-c", str(self.folder), "-Hn")
        return set(listed.splitlines())

    def looked_up(self, table: str, key: str) -> str:
        return self._run(self.postmap, "-c", str(self.folder), "-q", key, table)

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, capture_output=True, timeout=_RUN_S, check=False)
        words = done.stderr.decode()
        assert (done.returncode, words) == (0, "")
        return done.stdout.decode().removesuffix("\n")


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Configured:
    folder = tmp_path_factory.mktemp("postfix")
    (folder / "master.cf").touch()
    return Configured(folder, program("postconf", "postfix"), program("postmap", "postfix"))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"security": "implicit_tls", "ca_pem": a_certificate(), "debug": True},
        {"security": "none", "connection_timeout_ms": None, "timeout_ms": None},
        {
            "security": "none",
            "tls_protocols": ["TLSv1.2"],
            "session_properties": {
                "mail.smtp.starttls.enable": "true",
                "mail.smtp.localaddress": "192.0.2.1",
            },
        },
        {"auth": {"mechanism": "PLAIN"}, "tls_protocols": ["TLSv1.2", "TLSv1.3"]},
    ],
)
def test_postfix_knows_every_parameter(configured: Configured, fields: dict[str, Any]) -> None:
    configured.write(**fields)
    text = PostfixTarget().render(a_sending(**fields), "en")
    written = {line.split(" = ")[0] for line in text.splitlines() if line[:1] not in {"#", ""}}
    # An unknown parameter is a warning of postconf, and each warning fails.
    assert configured.names() == written | {"compatibility_level", "config_directory", "myhostname"}


def test_postfix_reads_what_was_meant(configured: Configured) -> None:
    configured.write(
        security="implicit_tls", tls_protocols=["TLSv1.2", "TLSv1.3"], auth={"mechanism": "LOGIN"}
    )
    assert configured.value("relayhost") == "[smtp.acme.example]:465"
    assert configured.value("smtp_tls_wrappermode") == "yes"
    assert configured.value("smtp_tls_mandatory_protocols") == "TLSv1.2, TLSv1.3"
    assert configured.value("smtp_sasl_mechanism_filter") == "login"
    assert configured.value("smtp_connect_timeout") == "60s"


@given(user=hostile_texts(), name=hostile_texts())
def test_postfix_finds_the_very_user_and_name(configured: Configured, user: str, name: str) -> None:
    assume(is_exact(name))
    configured.write(auth={"user": user}, session_properties={"mail.smtp.localhost": name})
    found = configured.looked_up(configured.value(_MAPS), "[smtp.acme.example]:587")
    expected = user if fits_inline(user) else "<user>"
    assert found == f"{expected}:<password>"
    assert configured.value("smtp_helo_name") == name
