"""Session properties about signing in."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.smtp.peer import Peer, running_peer
from tests.support.smtp.probing import step_of
from tests.support.smtp.script import PASSWORD, USER, SmtpScript
from tests.support.smtp.with_properties import outcome, warned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.conn_tester.tools import Tools


@pytest.fixture(scope="module")
def plain() -> Iterator[Peer]:
    with running_peer(SmtpScript()) as peer:
        yield peer


def test_auth_demands_a_password(tools: Tools, plain: Peer) -> None:
    result = outcome(tools, plain.port, {"auth": "true"}, method="none", password=None, user=None)
    assert (result.code, result.facts["field"]) == ("credentials_missing", "user")
    assert outcome(tools, plain.port, {"auth": "yes"}, method="none", password=None).code == "ok"


def test_a_server_without_sign_in_would_let_java_pass(tools: Tools) -> None:
    with running_peer(SmtpScript(extensions=("SIZE",))) as peer:
        result = outcome(tools, peer.port, {"auth": "true"})
    assert result.code == "auth_not_offered"
    assert "java_skips_sign_in" in warned(result)


def mechanism_of(
    tools: Tools, offered: str, properties: dict[str, str], **changes: Any
) -> tuple[str, str | None]:
    with running_peer(SmtpScript(extensions=(f"AUTH {offered}",))) as peer:
        result = outcome(tools, peer.port, properties, **changes)
    assert sum(line.startswith("AUTH ") for line in peer.seen) <= 1
    return result.code, step_of(result, "auth").detail.get("mechanism")


@pytest.mark.parametrize(
    ("offered", "properties", "expected"),
    [
        ("PLAIN LOGIN", {"auth.mechanisms": "login  plain"}, ("ok", "LOGIN")),
        ("PLAIN LOGIN", {"auth.mechanisms": "LOGIN,PLAIN"}, ("no_common_mechanism", None)),
        ("PLAIN LOGIN", {"auth.plain.disable": "true"}, ("ok", "LOGIN")),
        ("PLAIN LOGIN", {"auth.plain.disable": "1"}, ("ok", "PLAIN")),
        (
            "PLAIN LOGIN",
            {"auth.plain.disable": "true", "auth.mechanisms": "PLAIN"},
            ("ok", "PLAIN"),
        ),
        ("PLAIN", {"auth.plain.disable": "true"}, ("no_common_mechanism", None)),
        ("LOGIN PLAIN", {"sasl.enable": "true"}, ("ok", "PLAIN")),
        (
            "SCRAM-SHA-256 PLAIN",
            {"sasl.enable": "true", "sasl.mechanisms": "SCRAM-SHA-256,PLAIN"},
            ("ok", "PLAIN"),
        ),
        ("SCRAM-SHA-256", {"sasl.enable": "true"}, ("no_common_mechanism", None)),
    ],
)
def test_the_mechanism_is_the_one_that_java_would_take(
    tools: Tools, offered: str, properties: dict[str, str], expected: tuple[str, str | None]
) -> None:
    assert mechanism_of(tools, offered, properties) == expected


def test_the_list_of_the_property_wins_over_the_setting(tools: Tools) -> None:
    used = mechanism_of(tools, "PLAIN LOGIN", {"auth.mechanisms": "LOGIN"}, mechanism="PLAIN")
    assert used == ("ok", "LOGIN")


def test_a_refused_login_is_not_tried_by_the_next_mechanism(tools: Tools) -> None:
    used = mechanism_of(tools, "PLAIN LOGIN", {"auth.mechanisms": "LOGIN PLAIN"}, password="wrong")
    assert used == ("bad_credentials", "LOGIN")


@pytest.mark.parametrize(
    ("properties", "user"), [({"auth.xoauth2.disable": "false"}, USER),
    ({"auth.xoauth2.disable": "false", "sasl.authorizationid": "box@acme.example"},
     "box@acme.example")],
)  # fmt: skip
def test_xoauth2_may_be_switched_on_for_a_password(
    tools: Tools, properties: dict[str, str], user: str
) -> None:
    script = SmtpScript(extensions=("AUTH XOAUTH2",), answers={"AUTH": "235 yes\r\n"})
    with running_peer(script) as peer:
        result = outcome(tools, peer.port, properties)
        assert result.code == "ok"
        assert outcome(tools, peer.port, {}).code == "oauth_required"
    blob = next(line for line in peer.seen if line.startswith("AUTH")).split()[2]
    assert b64decode(blob).decode() == f"user={user}\1auth=Bearer {PASSWORD}\1\1"


def test_somebody_else_may_be_acted_for(tools: Tools, plain: Peer) -> None:
    result = outcome(tools, plain.port, {"sasl.authorizationid": "boss@acme.example"})
    assert result.code == "ok"
    blob = [line for line in plain.seen if line.startswith("AUTH PLAIN")][-1].split()[2]
    assert b64decode(blob).decode() == f"boss@acme.example\0{USER}\0{PASSWORD}"
    assert PASSWORD not in str(result)


def test_a_list_that_java_cannot_speak_is_warned_of(tools: Tools) -> None:
    with running_peer(SmtpScript(extensions=("AUTH CRAM-MD5",))) as peer:
        result = outcome(tools, peer.port, {"auth.mechanisms": "CRAM-MD5"})
    assert "java_lacks_mechanism" in warned(result)
