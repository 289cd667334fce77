"""The demo's own SMTP server, its certificates and its ports."""

from __future__ import annotations

import signal
import smtplib
import socket
import ssl
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from deploy.demo.arrangement import HOST, Arrangement, Ports, arrange, load
from deploy.demo.sample_settings import documents
from services.config_api.settings_values import allowed_reach
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime.now(UTC)


@contextmanager
def sink(demo: Arrangement) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "deploy.demo.sink", str(demo.folder)],
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: listens(demo.ports.implicit_tls), seconds=20, what="the sink")
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def trusting(demo: Arrangement) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=demo.ca_pem)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def test_it_takes_messages_of_its_user_and_keeps_nothing_but_counts(tmp_path: Path) -> None:
    demo = arrange(tmp_path / "demo", NOW)
    with sink(demo) as process:
        with smtplib.SMTP(HOST, demo.ports.starttls) as client:
            client.ehlo()
            assert not client.has_extn("auth")
            assert client.docmd("AUTH", "PLAIN AGEAYg==")[0] == 538
            client.starttls(context=trusting(demo))
            client.ehlo()
            assert client.docmd("MAIL", "FROM:<a@b.example>") == (
                530,
                b"5.7.0 Authentication required",
            )
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login(demo.user, "wrong")
            client.login(demo.user, demo.password)
            client.sendmail("a@b.example", ["c@d.example"], "Subject: x\r\n\r\nx")
        with smtplib.SMTP_SSL(HOST, demo.ports.implicit_tls, context=trusting(demo)) as client:
            client.login(demo.user, demo.password)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr is not None
        told = process.stderr.read()
    assert told.startswith("demo SMTP server: 1 messages, 2 logins,")
    assert demo.password not in told


def test_it_listens_on_loopback_only(tmp_path: Path) -> None:
    demo = arrange(tmp_path / "demo", NOW)
    with sink(demo), socket.socket() as other:
        other.bind(("127.0.0.2", demo.ports.starttls))


def test_a_restart_keeps_authority_ports_and_password(tmp_path: Path) -> None:
    first = arrange(tmp_path, NOW)
    assert arrange(tmp_path, NOW) == first
    assert load(tmp_path) == first


def test_the_servers_certificate_is_renewed_under_the_same_authority(tmp_path: Path) -> None:
    first = arrange(tmp_path, NOW)
    old = (tmp_path / "server.pem").read_bytes()
    later = arrange(tmp_path, NOW + timedelta(days=300))
    assert later.ca_pem == first.ca_pem
    assert (tmp_path / "server.pem").read_bytes() != old


def test_a_port_that_somebody_took_is_left(tmp_path: Path) -> None:
    first = arrange(tmp_path, NOW)
    with socket.socket() as taken:
        taken.bind((HOST, first.ports.starttls))
        taken.listen()
        moved = arrange(tmp_path, NOW)
    assert moved.ports.starttls != first.ports.starttls
    assert load(tmp_path).ports == moved.ports
    assert len({moved.ports.starttls, moved.ports.implicit_tls, moved.ports.closed}) == 3


def test_tests_may_reach_exactly_its_ports(tmp_path: Path) -> None:
    demo = Arrangement(
        folder=tmp_path, ports=Ports(starttls=1, implicit_tls=2, closed=3), user="u", password="p",
        ca_pem="",
    )  # fmt: skip
    assert demo.probe_allow() == "127.0.0.1/32:1,127.0.0.1/32:2,127.0.0.1/32:3"
    assert allowed_reach(demo.probe_allow())


def test_each_demo_setting_but_the_first_has_one_mistake(tmp_path: Path) -> None:
    good, *wrong = documents(arrange(tmp_path, NOW))
    for document in wrong:
        assert document["id"] != good["id"]
        assert len([key for key in good if good[key] != document[key]]) == 2
