"""The one message that the depth `send` hands over."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from services.conn_tester.assignment import Assignment

_SUBJECT: Final = "Relaybook connection test"
_TEXT: Final = """\
This message was sent by a connection test of Relaybook, to see whether a mail
setting works up to its end. Nobody needs to answer it.

Test: {test_id}
"""


def compose(assignment: Assignment, *, at: datetime, utf8: bool) -> tuple[str, bytes]:
    """Return Message-ID and bytes (RFC 5322, CR LF) of a message between the test's addresses.

    `utf8` writes addresses as they are (RFC 6532); all else is ASCII.
    """
    envelope = assignment.envelope
    if envelope is None:
        raise RuntimeError("a test without addresses sends nothing")
    message = EmailMessage(policy=SMTPUTF8 if utf8 else SMTP)
    message_id = make_msgid(domain=_domain(envelope.author, utf8=utf8))
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["From"] = envelope.author
    message["To"] = envelope.recipient
    message["Subject"] = _SUBJECT
    if assignment.target.x_mailer:
        message["X-Mailer"] = assignment.target.x_mailer
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's vacation notice answers
    message.set_content(_TEXT.format(test_id=assignment.test_id), cte="7bit")
    return message_id, message.as_bytes()


def _domain(address: str, *, utf8: bool) -> str:
    domain = address.rpartition("@")[2]
    return domain if utf8 or domain.isascii() else "localhost"
