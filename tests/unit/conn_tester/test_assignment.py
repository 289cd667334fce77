from __future__ import annotations

import pickle
from typing import Any

import pytest

from services.conn_tester.assignment import MalformedClaim, read_assignment
from services.conn_tester.limits import Limits
from services.conn_tester.properties import Honoured
from services.conn_tester.secret import Secret
from tests.support.smtp.probing import claim_answer


def test_a_claim_is_read_with_its_secret_hidden() -> None:
    assignment = read_assignment(claim_answer(587, password="pw"))
    assert (assignment.test_id, assignment.attempt, assignment.deadline_s) == ("t-1", 1, 20.0)
    password = assignment.target.sign_in.password
    assert password is not None
    assert password.reveal() == "pw"
    assert "pw" not in repr(assignment)


def test_the_addresses_belong_to_the_depths_that_use_them() -> None:
    addresses = {"mail_from": "a@acme.example", "rcpt_to": "b@acme.example"}
    envelope = read_assignment(claim_answer(587, depth="envelope", **addresses)).envelope
    assert envelope is not None
    assert (envelope.sender, envelope.recipient) == ("a@acme.example", "b@acme.example")
    assert read_assignment(claim_answer(587, **addresses)).envelope is None


def test_a_secret_is_not_serialised() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("pw"))


@pytest.mark.parametrize(
    "change",
    [
        {"depth": "submit"},
        {"depth": "send"},
        {"depth": "send", "mail_from": "a@acme.example", "rcpt_to": "b"},
        {"depth": "envelope", "mail_from": "a@acme.example> SIZE=1", "rcpt_to": "b@acme.example"},
        {"setting": {}},
        {"setting": None},
        {"session_properties": None},
        {"credential": {"password": "p", "expires_at": "soon"}},
        {"token_failure": {"code": "token_grant_expired"}},
    ],
)
def test_a_claim_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedClaim):
        read_assignment(claim_answer(587) | change)


def honoured(**values: str) -> Honoured:
    return Honoured.read(
        {
            f"mail.smtp.{name.replace('_', '.')}": {"value": value, "source": "setting"}
            for name, value in values.items()
        }
    )


def test_only_the_administrators_own_properties_count() -> None:
    properties = {
        "mail.smtp.timeout": {"value": "5", "source": "derived"},
        "mail.smtps.localhost": {"value": "x", "source": "setting"},
    }
    assert Honoured.read(properties).values == {}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("5000", 5.0), ("0", None), ("-1", None), ("5s", None), (" 5000", None), ("5 000", None)],
)
def test_a_limit_is_read_as_java_reads_it(value: str, seconds: float | None) -> None:
    assert honoured(timeout=value).limit("timeout", 60_000) == seconds


def test_without_a_property_the_setting_decides() -> None:
    assert honoured().limit("timeout", 1500) == 1.5
    assert honoured().limit("timeout", None) is None


def test_lists_are_separated_by_blanks() -> None:
    assert honoured(ssl_protocols="TLSv1.2  TLSv1.3").words("ssl.protocols") == (
        "TLSv1.2", "TLSv1.3",
    )  # fmt: skip
    given = {"mail.smtp.auth.mechanisms": "login plain"}
    assert read_assignment(claim_answer(587, properties=given)).target.mechanisms == (
        "LOGIN", "PLAIN",
    )  # fmt: skip


@pytest.mark.parametrize(("limit_ms", "seconds"), [(None, 30.0), (60_000, 30.0), (2_000, 2.0)])
def test_no_reply_may_take_more_than_half_of_the_deadline(
    limit_ms: int | None, seconds: float
) -> None:
    answer = claim_answer(
        587, timeout_ms=limit_ms, connection_timeout_ms=limit_ms, deadline_ms=60_000
    )
    limits = Limits.of(read_assignment(answer))
    assert (limits.read_s, limits.connect_s) == (seconds, seconds)
    assert limits.patience_s + limits.look_s < 30.0
