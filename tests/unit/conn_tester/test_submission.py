from __future__ import annotations

import pytest

from services.conn_tester.diagnosis.submission import Part, Submission, judge_submission
from services.conn_tester.reply import ServerReply


def judged(
    part: Part, text: str, *, user: str | None = "mailer", encrypted: bool = True
) -> tuple[str, object]:
    code, _, words = text.partition(" ")
    finding = judge_submission(
        ServerReply(code=int(code), lines=(words,)),
        Submission(
            part=part,
            sender="a@acme.example",
            recipient="b@acme.example",
            user=user,
            encrypted=encrypted,
            starttls_offered=True,
            ehlo_name="app01",
        ),
    )
    return finding.code, finding.fix


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("530 5.7.0 Authentication required", "auth_required"),
        ("530 5.7.57 Client not authenticated to send mail", "auth_required"),
        ("530 access denied", "auth_required"),
        ("550 5.7.1 Authentication is required for relay", "auth_required"),
        ("550 5.1.8 <a@acme.example>: Sender address rejected: Domain not found", "sender_refused"),
        ("553 5.1.7 The address is not valid", "sender_refused"),
        ("501 syntax error in parameters", "sender_refused"),
        ("553 5.7.1 <a@acme.example>: Sender address rejected: not owned by user mailer",
         "sender_not_allowed"),
        ("553 Mail from must equal authorized user", "sender_not_allowed"),
        ("501 mail from address must be same as authorization user", "sender_not_allowed"),
        ("550 5.7.60 SMTP; Client does not have permissions to send as this sender",
         "sender_not_allowed"),
        ("552 5.3.4 Message size exceeds fixed limit", "message_too_large"),
        ("452 4.3.1 Insufficient system storage", "temporarily_unavailable"),
        ("421 4.7.0 Try again later, closing connection", "temporarily_unavailable"),
        ("550 5.7.606 Access denied, banned sending IP [192.0.2.7]", "blocklisted"),
    ],
)  # fmt: skip
def test_a_refused_sender_is_judged(text: str, code: str) -> None:
    assert judged("mail", text, user=None) == (code, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("554 5.7.1 <b@acme.example>: Relay access denied", "relay_denied"),
        ("550 5.7.64 TenantAttribution; Relay Access Denied", "relay_denied"),
        ("553 sorry, that domain isn't in my list of allowed rcpthosts", "relay_denied"),
        ("551 user not local", "relay_denied"),
        ("550 5.1.1 <b@acme.example>: Recipient address rejected: User unknown in local table",
         "recipient_unknown"),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", "recipient_unknown"),
        ("550 No such user here", "recipient_unknown"),
        ("550 Unrouteable address", "recipient_unknown"),
        ("450 4.2.0 <b@acme.example>: Recipient address rejected: Greylisted", "greylisted"),
        ("451 4.7.1 Please try again in 300 seconds", "greylisted"),
        ("450 4.1.1 recipient unverified", "temporarily_unavailable"),
        ("452 4.5.3 too many recipients", "temporarily_unavailable"),
        ("452 4.2.2 The email account that you tried to reach is over quota", "mailbox_full"),
        ("552 5.2.2 Mailbox full", "mailbox_full"),
        ("554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org",
         "blocklisted"),
        ("553 5.7.1 Sender address rejected: not owned by user mailer", "sender_not_allowed"),
        ("550 5.1.8 Sender address rejected: Domain not found", "sender_refused"),
        ("550 5.7.23 SPF validation failed", "sender_not_verified"),
        ("554 5.7.1 <client>: Client host rejected: Access denied", "refused_by_policy"),
    ],
)  # fmt: skip
def test_a_refused_recipient_is_judged(text: str, code: str) -> None:
    assert judged("rcpt", text) == (code, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("554 5.7.1 Message rejected as spam", "content_rejected"),
        ("550 5.6.0 bad content", "content_rejected"),
        ("554 Message rejected: Email address is not verified. The following identities failed",
         "sender_not_verified"),
        ("550 The from address does not match a verified Sender Identity", "sender_not_verified"),
        ("550-5.7.26 This mail is unauthenticated: DKIM did not pass", "sender_not_verified"),
        ("552 5.3.4 message too large", "message_too_large"),
        ("452 4.2.2 mailbox full", "mailbox_full"),
        ("451 4.3.0 queue file write error", "temporarily_unavailable"),
        ("354 go ahead", "protocol_error"),
    ],
)  # fmt: skip
def test_a_refused_message_is_judged(text: str, code: str) -> None:
    assert judged("data", text.replace("550-", "550 ")) == (code, None)


def test_tls_is_the_cause_only_where_there_is_none() -> None:
    text = "530 5.7.0 Must issue a STARTTLS command first"
    assert judged("mail", text, user=None, encrypted=False) == (
        "tls_required", {"security": "starttls"},
    )  # fmt: skip
    assert judged("mail", text, user=None)[0] == "auth_required"


def test_a_policy_against_who_has_not_signed_in_is_about_relaying() -> None:
    assert judged("rcpt", "554 5.7.1 Access denied", user=None)[0] == "relay_denied"


def test_a_refusal_that_is_made_to_be_slow_to_read_is_read_fast() -> None:
    words = "sender not match " * 1900
    assert judged("mail", f"550 {words}")[0] == "sender_refused"
