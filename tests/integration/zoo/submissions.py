"""Situations about sender, recipient and message."""

from __future__ import annotations

from typing import Any

from tests.integration.zoo.behaviours import babble, hang_up, say_nothing, script
from tests.integration.zoo.situation import Situation, peer, real
from tests.support.smtp.script import USER, SmtpScript

QUICK = {"timeout_ms": 500}
ADDRESSES = {"mail_from": USER, "rcpt_to": "b@other.example"}
SEND = {"depth": "send", **ADDRESSES}
ENVELOPE = {"depth": "envelope", **ADDRESSES}
NOBODY = {"method": "none", "user": None, "password": None}
STARTTLS = {"security": "starttls"}
REFUSED = (
    ("MAIL", "530 5.7.0 Authentication required", "auth_required"),
    ("MAIL", "550 5.7.57 Client not authenticated to send mail", "auth_required"),
    ("MAIL", "530 5.7.0 Must issue a STARTTLS command first", "tls_required"),
    ("MAIL", "550 5.1.8 Sender address rejected: Domain not found", "sender_refused"),
    ("MAIL", "501 5.1.7 Bad sender address syntax", "sender_refused"),
    ("MAIL", "553 5.7.1 Sender address rejected: not owned by user", "sender_not_allowed"),
    ("MAIL", "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
     "sender_not_allowed"),
    ("MAIL", "552 5.3.4 Message size exceeds fixed limit", "message_too_large"),
    ("MAIL", "452 4.3.1 Insufficient system storage", "temporarily_unavailable"),
    ("MAIL", "454 Throttling failure: Daily message quota exceeded.", "temporarily_unavailable"),
    ("MAIL", "550 5.7.606 Access denied, banned sending IP", "blocklisted"),
    ("MAIL", "what?", "protocol_error"),
    ("RCPT", "554 5.7.1 Relay access denied", "relay_denied"),
    ("RCPT", "550 I cannot deliver mail for b@other.example", "relay_denied"),
    ("RCPT", "553 5.7.1 Sender address rejected: not owned by user", "sender_not_allowed"),
    ("RCPT", "550 5.1.1 User unknown", "recipient_unknown"),
    ("RCPT", "550 5.4.1 Recipient address rejected: Access denied", "recipient_unknown"),
    ("RCPT", "450 4.2.0 Greylisted, see http://postgrey.example", "greylisted"),
    ("RCPT", "451 4.7.1 Please try again in 300 seconds", "greylisted"),
    ("RCPT", "554 5.7.1 Client host [192.0.2.7] blocked using zen.spamhaus.org", "blocklisted"),
    ("RCPT", "452 4.2.2 Mailbox full", "mailbox_full"),
    ("RCPT", "552 5.2.2 over quota", "mailbox_full"),
    ("RCPT", "504 5.5.2 <tester>: Helo command rejected: need fully-qualified hostname",
     "ehlo_name_refused"),
    ("RCPT", "554 5.7.1 Client host rejected: Access denied", "refused_by_policy"),
    ("DATA", "554 5.5.1 no valid recipients", "content_rejected"),
    ("DATA", "250 what", "protocol_error"),
    ("DOT", "554 5.7.1 Spam message rejected", "content_rejected"),
    ("DOT", "554 Message rejected: Email address is not verified.", "sender_not_verified"),
    ("DOT", "550-5.7.26 Your email has been blocked because the sender is\n550 5.7.26 DKIM",
     "sender_not_verified"),
    ("DOT", "552 5.3.4 message too large", "message_too_large"),
    ("DOT", "451 4.3.0 queue file write error", "temporarily_unavailable"),
)  # fmt: skip
UNANSWERED: tuple[tuple[str, Any, str], ...] = (
    ("MAIL", hang_up, "connection_reset"),
    ("MAIL", say_nothing, "reply_timeout"),
    ("RCPT", say_nothing, "reply_timeout"),
    ("RCPT", babble, "too_slow"),
    ("DATA", hang_up, "closed_in_data"),
    ("DOT", hang_up, "closed_in_data"),
    ("DOT", say_nothing, "reply_timeout"),
)
STEPS = {"MAIL": "mail", "RCPT": "rcpt", "DATA": "data", "DOT": "data"}
PORTS = {"Postfix": "postfix", "Exim": "exim", "nodemailer": "nodemailer"}


def _words(verb: str) -> str:
    return "the message" if verb == "DOT" else verb


def _reply(words: str) -> str:
    return "".join(f"{line}\r\n" for line in words.split("\n"))


SUBMISSIONS = (
    *(
        Situation(title=f"answers {_words(verb)} with “{words.replace(chr(10), ' / ')}”",
                  opened=peer(script(**{verb: _reply(words)})), asked=SEND, code=code,
                  step=STEPS[verb])
        for verb, words, code in REFUSED
    ),
    *(
        Situation(title=f"{answer.__name__.replace('_', ' ')} after {_words(verb)}",
                  opened=peer(script(**{verb: answer})), asked=SEND | QUICK, code=code,
                  step=STEPS[verb])
        for verb, answer, code in UNANSWERED
    ),
    Situation(title="MAIL wants TLS, which the server offers", code="tls_required", step="mail",
              opened=peer(SmtpScript(extensions=("STARTTLS",), answers={
                  "MAIL": "530 5.7.0 Must issue a STARTTLS command first\r\n"})),
              asked=ENVELOPE | NOBODY, fix={"security": "starttls"}),
    Situation(title="takes no address beyond ASCII", opened=peer(script()), step="mail",
              asked=SEND | {"rcpt_to": "田中@other.example"}, code="smtputf8_not_offered"),
    Situation(title="takes a message", opened=peer(script()), asked=SEND, code="ok", step="quit"),
    *(
        Situation(title=f"takes {what}", server=server, code="ok", step="quit",
                  opened=real(name, "starttls_port"),
                  asked=STARTTLS | asked | {"timeout_ms": 9_000})
        for server, name in PORTS.items()
        for what, asked in (("an envelope", ENVELOPE), ("a message", SEND))
    ),
    *(
        Situation(title="a stranger sends elsewhere", server=server, code=code, step=step,
                  opened=real(name, "starttls_port"), asked=STARTTLS | ENVELOPE | NOBODY)
        for server, name, code, step in (
            ("Postfix", "postfix", "relay_denied", "rcpt"),
            ("Exim", "exim", "relay_denied", "rcpt"),
            ("nodemailer", "nodemailer", "auth_required", "mail"),
            ("Dovecot", "dovecot", "auth_required", "mail"),
        )
    ),
    *(
        Situation(title="somebody else's sender", server=server, code="sender_not_allowed",
                  step="rcpt", opened=real(name, "starttls_port"),
                  asked=STARTTLS | ENVELOPE | {"mail_from": "boss@acme.example"})
        for server, name in (("Postfix", "postfix"), ("Exim", "exim"))
    ),
    *(
        Situation(title=f"the recipient {local}@acme.example", server="Exim", code=code,
                  step="rcpt", opened=real("exim", "starttls_port"),
                  asked=STARTTLS | ENVELOPE | {"rcpt_to": f"{local}@acme.example"})
        for local, code in (
            ("nobody", "recipient_unknown"), ("grey", "greylisted"), ("full", "mailbox_full"),
        )
    ),
    Situation(title="is busy for this sender", server="Exim", code="temporarily_unavailable",
              step="mail", opened=real("exim", "starttls_port"),
              asked=STARTTLS | ENVELOPE | {"mail_from": "busy@acme.example"}),
    Situation(title="the recipient is not there", server="nodemailer", code="recipient_unknown",
              step="rcpt", opened=real("nodemailer", "starttls_port"),
              asked=STARTTLS | ENVELOPE | {"rcpt_to": "nobody@other.example"}),
    Situation(title="the recipient is not for strangers", server="OpenSMTPD", step="rcpt",
              opened=real("opensmtpd", "plain_port"), asked=ENVELOPE | NOBODY,
              code="recipient_unknown"),
    Situation(title="wants TLS before MAIL", server="OpenSMTPD", code="tls_required", step="mail",
              opened=real("opensmtpd", "starttls_port"), asked=ENVELOPE | NOBODY,
              fix={"security": "starttls"}),
)  # fmt: skip
