from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.conn_tester.detect.fetch import LARGEST
from tests.support.smtp.searching import (
    DOMAIN,
    SMTP,
    Domain,
    codes,
    configuration,
    found,
    http,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.support.smtp.peer import Connection

AUTOCONFIG = f"autoconfig.{DOMAIN}"
BOMB = b'<!DOCTYPE c [<!ENTITY a "aaaa">]><clientConfig version="1.1">&a;</clientConfig>'


@pytest.fixture
def domain() -> Domain:
    made = Domain()
    made.at_loopback(SMTP, AUTOCONFIG)
    return made


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (AUTOCONFIG, "/mail/config-v1.1.xml"),
        (DOMAIN, "/.well-known/autoconfig/mail/config-v1.1.xml"),
    ],
)
def test_the_published_configuration_is_followed(
    domain: Domain, tmp_path: Path, place: str, path: str
) -> None:
    del domain.zone[AUTOCONFIG, "A"]
    domain.at_loopback(place)
    with domain.starttls() as starttls, domain.implicit_tls() as tls:
        body = configuration(
            ("smtp.%EMAILDOMAIN%", starttls.port, "STARTTLS"), (SMTP, tls.port, "SSL")
        )
        with domain.publishing(http("200 OK", body)) as web:
            result = domain.searched(tmp_path)
    assert found(result) == [(SMTP, tls.port, "implicit_tls"), (SMTP, starttls.port, "starttls")]
    assert result.proposals[0].evidence[0].facts == {"url": f"https://{place}{path}"}
    assert web.seen[0] == f"GET {path} HTTP/1.1"
    assert f"Host: {place}:{web.port}" in web.seen
    assert not any("mailer" in line for line in web.seen)


def test_a_server_that_is_announced_as_plain_is_proposed_with_what_it_can(
    domain: Domain, tmp_path: Path
) -> None:
    with domain.starttls() as starttls:
        body = configuration((SMTP, starttls.port, "plain"))
        with domain.publishing(http("200 OK", body)):
            result = domain.searched(tmp_path)
    assert found(result) == [(SMTP, starttls.port, "starttls")]
    assert codes(result)[0] == "autoconfig"


GOOD = configuration((SMTP, 465, "SSL"))


@pytest.mark.parametrize(
    "behave",
    [
        http("404 Not Found", GOOD),
        http("302 Found", GOOD, "Location: https://169.254.169.254/"),
        http("200 OK", BOMB),
        http("200 OK", b"<html/>"),
        http("200 OK", b"not XML at all"),
        http("200 OK", b'<?xml version="1.0" encoding="klingon"?><clientConfig/>'),
        http("200 OK", GOOD + b" " * LARGEST),
        http("200 OK", configuration(("127.0.0.1", 465, "SSL"))),
        http("200 OK", configuration((SMTP, 70_000, "SSL"))),
        http("200 OK", configuration((SMTP, 465, "magic"))),
        http("200 OK", configuration(("smtp.acme.example\n127.0.0.1", 465, "SSL"))),
    ],
)
def test_what_is_no_good_configuration_is_passed_over(
    domain: Domain, tmp_path: Path, behave: Callable[[Connection], Awaitable[None]]
) -> None:
    with domain.publishing(behave) as web:
        assert domain.searched(tmp_path, allow=f"127.0.0.0/8:{web.port}").proposals == ()
    assert web.connections == 1


async def _endless(connection: Connection) -> None:
    while await connection.line():
        pass
    await connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await connection.send(b"1000\r\n" + b" " * 0x1000 + b"\r\n")


async def _headers(connection: Connection) -> None:
    await connection.send("HTTP/1.1 200 OK\r\n")
    while True:
        await connection.send("X: " + "y" * 1000 + "\r\n")


async def _silent(connection: Connection) -> None:
    await connection.gone()


@pytest.mark.parametrize("behave", [_endless, _headers, _silent])
def test_a_hostile_web_server_holds_nobody_up(
    domain: Domain, tmp_path: Path, behave: Callable[[Connection], Awaitable[None]]
) -> None:
    with domain.publishing(behave):
        assert domain.searched(tmp_path, deadline_s=2.0).proposals == ()


def test_a_configuration_needs_a_good_certificate_and_an_allowed_address(
    domain: Domain, tmp_path: Path
) -> None:
    with domain.publishing(http("200 OK", GOOD), "other.example"):
        assert domain.searched(tmp_path).proposals == ()
    with domain.publishing(http("200 OK", GOOD)) as web:
        assert domain.searched(tmp_path, allow="127.0.0.0/8:465").proposals == ()
    assert web.connections == 0
