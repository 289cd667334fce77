"""Every generic fault at every place where a reply is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.faults.hostile.behaviour import Behaviour, codes
from tests.faults.hostile.faults import GENERIC
from tests.faults.hostile.identity import server_context
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.connection_test import Depth
    from events.smtp_setting import Security
    from tests.faults.hostile.behaviour import Act, Fault
    from tests.faults.hostile.faults import Class
    from tests.support.smtp.peer import Connection


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A place in the dialogue; `outcomes` are the right codes for each class of faults there."""

    name: str
    verb: str
    outcomes: Mapping[Class, str]
    security: Security = "none"
    depth: Depth = "auth"

    def act(self, fault: Fault) -> Act:
        """Return a server that is well but for this fault at this place."""

        async def act(connection: Connection) -> None:
            if self.verb == "banner":
                await fault(connection, "")
                await connection.gone()
            else:
                starttls = server_context() if self.security == "starttls" else None
                script = SmtpScript(starttls=starttls)
                script.answers[self.verb] = fault
                await script(connection)

        return act


def _outcomes(
    *, gone: str, silent: str, foreign: str, refused: str, later: str, odd: str,
    reset: str | None = None, unfinished: str | None = None,
) -> Mapping[Class, str]:  # fmt: skip
    return {
        "gone": gone, "reset": reset or gone, "silent": silent, "unfinished": unfinished or silent,
        "foreign": foreign, "refused": refused, "later": later, "odd": odd,
    }  # fmt: skip


def _all(code: str) -> Mapping[Class, str]:
    return _outcomes(gone=code, silent=code, foreign=code, refused=code, later=code, odd=code)


_BANNER: Final = _outcomes(
    gone="closed_before_greeting", reset="connection_reset closed_before_greeting",
    silent="no_greeting", unfinished="too_slow", foreign="not_smtp", refused="refused_by_policy",
    later="temporarily_unavailable", odd="not_smtp reply_timeout",
)  # fmt: skip
_EHLO: Final = _outcomes(
    gone="closed_after_ehlo", reset="connection_reset", silent="reply_timeout",
    unfinished="too_slow", foreign="protocol_error", refused="ehlo_name_refused auth_not_offered",
    later="temporarily_unavailable", odd="protocol_error auth_not_offered",
)  # fmt: skip
_STARTTLS: Final = _outcomes(
    gone="closed_in_handshake", silent="handshake_timeout", foreign="server_tls_broken",
    refused="starttls_refused", later="starttls_refused", odd="starttls_refused server_tls_broken",
)  # fmt: skip
_EHLO_UNDER_TLS: Final = _outcomes(
    gone="closed_after_tls", silent="reply_timeout", unfinished="too_slow",
    foreign="protocol_error", refused="protocol_error", later="temporarily_unavailable",
    odd="protocol_error auth_not_offered",
)  # fmt: skip
_AUTH: Final = _outcomes(
    gone="closed_in_auth", silent="auth_timeout", foreign="protocol_error",
    refused="bad_credentials mechanism_refused", later="temporary_auth_failure",
    odd="protocol_error",
)  # fmt: skip
_MAIL: Final = _outcomes(
    gone="connection_reset", silent="reply_timeout", unfinished="too_slow",
    foreign="protocol_error", refused="sender_refused", later="temporarily_unavailable",
    odd="protocol_error ok",
)  # fmt: skip
_RCPT: Final = {**_MAIL, "refused": "recipient_unknown"}
_DATA: Final = {
    **_MAIL,
    "gone": "closed_in_data",
    "reset": "closed_in_data",
    "refused": "content_rejected recipient_unknown",
}
STAGES: Final = (
    Stage(name="banner", verb="banner", outcomes=_BANNER),
    Stage(name="EHLO", verb="EHLO", outcomes=_EHLO),
    Stage(name="STARTTLS", verb="STARTTLS", outcomes=_STARTTLS, security="starttls"),
    Stage(name="EHLO TLS", verb="EHLO TLS", outcomes=_EHLO_UNDER_TLS, security="starttls"),
    Stage(name="AUTH", verb="AUTH", outcomes=_AUTH),
    Stage(name="AUTH TLS", verb="AUTH", outcomes=_AUTH, security="starttls"),
    Stage(name="MAIL", verb="MAIL", outcomes=_MAIL, depth="envelope"),
    Stage(name="RCPT", verb="RCPT", outcomes=_RCPT, depth="envelope"),
    Stage(name="RSET", verb="RSET", outcomes=_all("ok"), depth="envelope"),
    Stage(name="DATA", verb="DATA", outcomes=_DATA, depth="send"),
    Stage(name="final dot", verb=".", outcomes=_DATA, depth="send"),
    Stage(name="QUIT", verb="QUIT", outcomes=_all("ok")),
)


def behaviours() -> list[Behaviour]:
    """Return all of them."""
    return [
        Behaviour(
            name=f"{stage.name}: {fault.name}",
            codes=codes(stage.outcomes[fault.kind]),
            act=stage.act(fault.act),
            security=stage.security,
            depth=stage.depth,
        )
        for stage in STAGES
        for fault in GENERIC
    ]
