"""Django, a shell with smtplib, and Nodemailer send mail by what was rendered for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from services.config_api.rendering.env import quoted
from services.config_api.rendering.registry import TARGETS
from tests.support.hostile import a_sending
from tests.support.npm import run_node
from tests.support.smtp.sink import HOST, Sink, running_sink

if TYPE_CHECKING:
    from pathlib import Path

USER = 'o\'b "$(id)" `x` \\ ${HOME} %s #'
PASSWORD = "p'w\"$$\\"
EHLO = "app01.acme.example"
_RUN_S = 60
SECURITIES = ("none", "starttls", "implicit_tls")

_DJANGO = """
import json
import django
from django.conf import settings
from django.core.mail import send_mail
django.setup()
send_mail("Hello", "text", "a@acme.example", ["b@acme.example"])
print(json.dumps({name: getattr(settings, name) for name in dir(settings) if "EMAIL_" in name}))
"""
_SMTPLIB = """
import os, smtplib, ssl
e = os.environ
trust = ssl.create_default_context(cadata=e.get("SMTP_CA_PEM"))
limit = int(e["SMTP_TIMEOUT_MS"]) / 1000
at = dict(host=e["SMTP_HOST"], port=int(e["SMTP_PORT"]), timeout=limit,
    local_hostname=e["SMTP_EHLO_NAME"])
implicit = e["SMTP_SECURITY"] == "implicit_tls"
with smtplib.SMTP_SSL(context=trust, **at) if implicit else smtplib.SMTP(**at) as smtp:
    if e["SMTP_SECURITY"] == "starttls":
        smtp.starttls(context=trust)
    smtp.login(e["SMTP_USER"], e["SMTP_PASSWORD"])
    smtp.sendmail("a@acme.example", ["b@acme.example"], "Subject: Hello")
"""
_NODEMAILER = """
const { options, password } = JSON.parse(require("fs").readFileSync(0, "utf8"));
options.auth.pass = password;
require("nodemailer").createTransport(options)
  .sendMail({ from: "a@acme.example", to: "b@acme.example", subject: "Hello", text: "text" })
  .then((sent) => console.log(JSON.stringify(sent.accepted)));
"""


def rendered(name: str, sink: Sink, security: str, **fields: Any) -> str:
    """Return the text for a setting that leads to the sink."""
    document = {
        "host": HOST,
        "port": sink.port,
        "security": security,
        "auth": {"user": USER},
        "session_properties": {"mail.smtp.localhost": EHLO},
        "x_mailer": USER,
        "ca_pem": sink.authority.pem,
    }
    return TARGETS[name].render(a_sending(**document | fields), "ja")


def run(command: list[str], folder: Path, **environment: str) -> str:
    """Run a program with no more of the environment than it is given."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=_RUN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_sent(sink: Sink, *, user: str = USER) -> None:
    [login] = sink.logins
    assert login[1:] == (user, PASSWORD)
    [envelope] = sink.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("a@acme.example", ["b@acme.example"])
    assert b"Subject: Hello" in envelope.content


@pytest.mark.parametrize("security", SECURITIES)
def test_django_loads_its_settings_and_sends(security: str, tmp_path: Path) -> None:
    with running_sink(security) as sink:
        text = rendered("django", sink, security, timeout_ms=30_500)
        (tmp_path / "email_settings.py").write_text(text, encoding="utf-8")
        authority = tmp_path / "ca.pem"
        authority.write_text(sink.authority.pem)
        printed = run(
            [sys.executable, "-W", "error", "-c", _DJANGO],
            tmp_path,
            DJANGO_SETTINGS_MODULE="email_settings",
            SMTP_PASSWORD=PASSWORD,
            SSL_CERT_FILE=str(authority),
        )
    assert_sent(sink)
    loaded = json.loads(printed)
    assert (loaded["EMAIL_HOST_USER"], loaded["EMAIL_TIMEOUT"]) == (USER, 60)


@pytest.mark.parametrize("security", SECURITIES)
def test_a_shell_sources_the_variables_and_smtplib_sends(security: str, tmp_path: Path) -> None:
    with running_sink(security) as sink:
        text = rendered("env", sink, security)
        assert "SMTP_PASSWORD='<password>'\n" in text
        text = text.replace("'<password>'", quoted(PASSWORD))
        (tmp_path / "smtp.env").write_text(text, encoding="utf-8")
        script = 'set -aeu; . ./smtp.env; exec "$0" -c "$1"'
        run(["sh", "-c", script, sys.executable, _SMTPLIB], tmp_path)
    assert_sent(sink)
    assert set(sink.names) == {EHLO}


@pytest.mark.parametrize("security", SECURITIES)
def test_nodemailer_sends(security: str, npm_packages: Path) -> None:
    with running_sink(security) as sink:
        text = rendered("nodemailer", sink, security, tls_protocols=["TLSv1.2", "TLSv1.3"])
        given = {"options": json.loads(text), "password": PASSWORD}
        assert run_node(npm_packages, _NODEMAILER, given) == ["b@acme.example"]
    assert_sent(sink)
    assert set(sink.names) == {EHLO}


def test_nodemailer_takes_the_mechanism(npm_packages: Path) -> None:
    with running_sink("starttls") as sink:
        auth = {"user": "田中", "mechanism": "LOGIN"}
        given = {
            "options": json.loads(rendered("nodemailer", sink, "starttls", auth=auth)),
            "password": PASSWORD,
        }
        run_node(npm_packages, _NODEMAILER, given)
    assert_sent(sink, user="田中")
    assert sink.logins[0][0] == "LOGIN"


def test_nodemailer_does_not_sign_in_without_the_required_tls(npm_packages: Path) -> None:
    with running_sink("none") as sink:
        text = rendered("nodemailer", sink, "starttls")
        given = {"options": json.loads(text), "password": PASSWORD}
        with pytest.raises(pytest.fail.Exception, match="STARTTLS"):
            run_node(npm_packages, _NODEMAILER, given)
    assert sink.logins == []
