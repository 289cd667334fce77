from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.smtp.peer import Connection, running_peer
from tests.support.smtp.probing import claim_answer, probed, step_of
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from services.conn_tester.tools import Tools


def jwt(**claims: Any) -> str:
    parts = ({"alg": "none"}, claims)
    encoded = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*encoded, "c2lnbmF0dXJl"))


def refusing(scope: str = "mail.send") -> SmtpScript:
    async def refuse(connection: Connection, _line: str) -> None:
        refusal = json.dumps({"status": "401", "scope": scope}).encode()
        await connection.send(f"334 {b64encode(refusal).decode()}\r\n")
        await connection.line()
        await connection.send("535 5.7.8 Username and Password not accepted\r\n")

    return SmtpScript(extensions=("AUTH XOAUTH2 OAUTHBEARER",), answers={"AUTH": refuse})


def accepting(*mechanisms: str) -> SmtpScript:
    return SmtpScript(
        extensions=(f"AUTH {' '.join(mechanisms)}",), answers={"AUTH": "235 2.7.0 Accepted\r\n"}
    )


def with_token(port: int, **changes: Any) -> dict[str, Any]:
    """Return a claim's answer with an access token of a provider."""
    token = {"access_token": "ya29.token", "expires_at": "2099-01-01T00:00:00Z"}
    credential = token | changes.pop("credential", {"grant_ends_at": None})
    fields = {"method": "access_token", "provider_id": "idp", "credential": credential}
    return claim_answer(port, **(fields | changes))


@pytest.mark.parametrize(
    ("offered", "properties", "mechanism"),
    [
        (("PLAIN", "XOAUTH2", "OAUTHBEARER"), {}, "XOAUTH2"),
        (("LOGIN", "OAUTHBEARER"), {}, "OAUTHBEARER"),
        (("XOAUTH2",), {"mail.smtp.auth.mechanisms": "PLAIN LOGIN"}, "XOAUTH2"),
        (
            ("XOAUTH2", "OAUTHBEARER"),
            {"mail.smtp.auth.mechanisms": "OAUTHBEARER XOAUTH2"},
            "OAUTHBEARER",
        ),
    ],
)
def test_a_providers_token_signs_in(
    tools: Tools, offered: tuple[str, ...], properties: dict[str, str], mechanism: str
) -> None:
    with running_peer(accepting(*offered)) as peer:
        result = probed(with_token(peer.port, properties=properties), tools)
    assert (result.code, result.verdict) == ("ok", "passed")
    assert step_of(result, "auth").detail == {"mechanism": mechanism}
    detail = {"provider_id": "idp", "expires_at": "2099-01-01T00:00:00Z"}
    assert step_of(result, "token").detail == detail
    assert "ya29.token" not in repr(result)


def test_a_server_that_takes_no_tokens_is_told(tools: Tools) -> None:
    with running_peer(accepting("PLAIN")) as peer:
        result = probed(with_token(peer.port), tools)
    assert (result.code, result.step) == ("oauth_not_offered", "auth")


def test_a_grant_that_ends_soon_is_a_warning(tools: Tools) -> None:
    ends = datetime.now(UTC) + timedelta(days=3)
    with running_peer(accepting("XOAUTH2")) as peer:
        answer = with_token(peer.port, credential={"grant_ends_at": ends.isoformat()})
        result = probed(answer, tools)
    assert result.verdict == "passed"
    (warning,) = (one for one in result.warnings if one.code == "token_expires_soon")
    assert warning.facts["provider_id"] == "idp"
    assert step_of(result, "token").state == "warned"


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("provider_unknown", "failed"),
        ("token_host_not_allowed", "failed"),
        ("token_request_refused", "failed"),
        ("token_grant_expired", "failed"),
        ("token_endpoint_unreachable", "inconclusive"),
    ],
)
def test_why_a_provider_gave_no_token_is_told_behind_what_works(
    tools: Tools, code: str, verdict: str
) -> None:
    failure = {"code": code, "facts": {"provider_id": "idp", "error": "e", "description": "d"}}
    with running_peer(accepting("XOAUTH2")) as peer:
        answer = with_token(peer.port, token_failure=failure) | {"credential": None}
        result = probed(answer, tools)
    assert (result.code, result.step, result.verdict) == (code, "token", verdict)
    assert step_of(result, "ehlo").state == "warned"  # plain text, and nothing else
    assert not any(line.startswith("AUTH") for line in peer.seen)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_rejected_token_is_read(tools: Tools, mechanism: str) -> None:
    token = jwt(exp=1_000_000_000, aud="https://graph.example", scp="Mail.Read")
    with running_peer(refusing()) as peer:
        answer = claim_answer(peer.port, mechanism=mechanism, password=f"Bearer {token}")
        result = probed(answer, tools)
    assert (result.code, result.step) == ("token_rejected", "auth")
    told = {name: result.facts[name] for name in ("prefix", "expired_at", "audience", "scope")}
    assert told == {
        "prefix": "Bearer",
        "expired_at": "2001-09-09T01:46:40Z",
        "audience": "https://graph.example",
        "scope": "Mail.Read",
    }
    assert result.facts["wanted_scope"] == "mail.send"
    assert sum(line.startswith("AUTH") for line in peer.seen) == 1


def test_an_opaque_token_that_the_server_echoes_is_scrubbed(tools: Tools) -> None:
    token = "ya29.opaque-token-of-nobody"
    with running_peer(refusing(scope=token)) as peer:
        result = probed(claim_answer(peer.port, mechanism="XOAUTH2", password=token), tools)
    assert result.code == "token_rejected"
    assert token not in repr(result)
    assert "expired_at" not in result.facts


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_an_accepted_token_passes(tools: Tools, mechanism: str) -> None:
    script = SmtpScript(extensions=(f"AUTH {mechanism}",), answers={"AUTH": "235 2.7.0 ok\r\n"})
    with running_peer(script) as peer:
        answer = claim_answer(
            peer.port, password="t", properties={"mail.smtp.auth.mechanisms": mechanism}
        )
        assert probed(answer, tools).code == "ok"


def test_a_server_that_takes_scram_without_proof_is_told(tools: Tools) -> None:
    script = SmtpScript(extensions=("AUTH SCRAM-SHA-256",), answers={"AUTH": "235 2.7.0 ok\r\n"})
    with running_peer(script) as peer:
        result = probed(claim_answer(peer.port), tools)
    assert (result.code, result.step) == ("server_signature_wrong", "auth")
