"""One look at a server: it greets, says what it offers, and secures the connection."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from events.detection import Evidence
from events.scrub import Scrub
from services.conn_tester.detect.dialling import opened
from services.conn_tester.dialogue import Dialogue, DialogueError, NotAReply
from services.conn_tester.journal import Journal
from services.conn_tester.probe.extensions import offered_mechanisms, read_extensions
from services.conn_tester.wire import TlsFailed, Wire, WireError

if TYPE_CHECKING:
    from events.smtp_setting import Security
    from services.conn_tester.detect.candidates import Candidate
    from services.conn_tester.reply import ServerReply
    from services.conn_tester.tools import Tools

_OF_A_LOOK: Final = 0.8  # for one reply, so that it is judged before the look must end
_READY: Final = 220
_OK: Final = 250
#: OpenSSL's verify codes (x509_vfy.h) → what is to be said of them.
_CERTIFICATES: Final = {
    9: "certificate_expired",
    10: "certificate_expired",
    18: "certificate_not_trusted",
    19: "certificate_not_trusted",
    20: "certificate_not_trusted",
    21: "certificate_not_trusted",
    62: "certificate_for_other_name",
    64: "certificate_for_other_name",
}


class Standing(IntEnum):
    """How much a look found, the best first."""

    SIGN_IN = 0
    WITHOUT_SIGN_IN = 1
    FLAWED_TLS = 2
    PLAIN_SIGN_IN = 3
    PLAIN = 4
    UNSEEN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a look found; `security` is the one that the server can do."""

    standing: Standing
    security: Security
    evidence: tuple[Evidence, ...]


class _Ended(Exception):
    """The look has come to its end; `seen` is what it found."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(seen.standing.name)
        self.seen = seen


async def look(candidate: Candidate, address: str, tools: Tools, *, limit_s: float) -> Seen:
    """Look at a server at one judged address by one connection; never raises for what it does."""
    glance = _Glance(candidate, address, tools, limit_s)
    try:
        async with asyncio.timeout(limit_s), opened(address, candidate.port) as wire:
            return await glance.at(wire)
    except _Ended as end:
        return end.seen
    except TlsFailed as error:
        return glance.flawed(error.error)
    except NotAReply:
        return glance.unseen("no_smtp_there")
    except (OSError, TimeoutError, WireError, DialogueError):
        return glance.unseen("tls_failed" if glance.securing else "not_reached")


class _Glance:
    """The state of one look; `securing` while the handshake goes on."""

    def __init__(self, candidate: Candidate, address: str, tools: Tools, limit_s: float) -> None:
        self._candidate = candidate
        self._address = address
        self._tools = tools
        self._limit_s = limit_s * _OF_A_LOOK
        self.securing = False

    async def at(self, wire: Wire) -> Seen:
        implicit = self._candidate.security == "implicit_tls"
        if implicit:
            await self._secure(wire)
        dialogue = Dialogue(wire, Journal(elapsed_ms=lambda: 0.0, scrub=Scrub([])))
        self._expect(await dialogue.reply(limit_s=self._limit_s), _READY)
        extensions = await self._hello(dialogue)
        if not implicit:
            if "STARTTLS" not in extensions:
                return self._plain(extensions)
            self._expect(await dialogue.ask("STARTTLS", limit_s=self._limit_s), _READY)
            if dialogue.take_unread():
                return self.unseen("tls_failed")  # injected: nothing more is believed
            await self._secure(wire)
            extensions = await self._hello(dialogue)
        tls = wire.tls.version() if wire.tls else None
        encrypted = Evidence(code="tls_checked", facts={"version": tls})
        return self._seen(extensions, encrypted, Standing.SIGN_IN, Standing.WITHOUT_SIGN_IN)

    def flawed(self, error: ssl.SSLError) -> Seen:
        """Return what is to be said of a server whose TLS failed."""
        code = "tls_failed"
        if isinstance(error, ssl.SSLCertVerificationError):
            code = _CERTIFICATES.get(error.verify_code, "certificate_refused")
        return self._made(Standing.FLAWED_TLS, self._secured(), (Evidence(code=code),))

    def unseen(self, code: str) -> Seen:
        """Return what is to be said of a server that showed nothing."""
        return Seen(
            standing=Standing.UNSEEN,
            security=self._candidate.security,
            evidence=(Evidence(code=code),),
        )

    def _plain(self, extensions: dict[str, str]) -> Seen:
        plain = Evidence(code="starttls_not_offered")
        return self._seen(extensions, plain, Standing.PLAIN_SIGN_IN, Standing.PLAIN, "none")

    async def _secure(self, wire: Wire) -> None:
        self.securing = True
        context = self._tools.contexts.verifying((), None)
        await wire.secure(context, self._candidate.host)
        self.securing = False

    async def _hello(self, dialogue: Dialogue) -> dict[str, str]:
        reply = await dialogue.ask(f"EHLO {self._own_name(dialogue)}", limit_s=self._limit_s)
        self._expect(reply, _OK)
        return read_extensions(reply)

    def _own_name(self, dialogue: Dialogue) -> str:
        if "." in self._tools.machine:
            return self._tools.machine
        local = dialogue.wire.local_address
        return f"[IPv6:{local}]" if ":" in local else f"[{local}]"

    def _expect(self, reply: ServerReply, code: int) -> None:
        if reply.code != code:
            turned_away = Evidence(code="turned_away", facts={"reply": reply.quoted})
            raise _Ended(self._made(Standing.UNSEEN, self._candidate.security, (turned_away,)))

    def _seen(
        self,
        extensions: dict[str, str],
        encryption: Evidence,
        with_sign_in: Standing,
        without: Standing,
        security: Security | None = None,
    ) -> Seen:
        mechanisms = list(offered_mechanisms(extensions))
        offered = Evidence(code="no_sign_in")
        if mechanisms:
            offered = Evidence(code="sign_in_offered", facts={"mechanisms": mechanisms})
        standing = with_sign_in if mechanisms else without
        return self._made(standing, security or self._secured(), (encryption, offered))

    def _secured(self) -> Security:
        return "implicit_tls" if self._candidate.security == "implicit_tls" else "starttls"

    def _made(self, standing: Standing, security: Security, found: tuple[Evidence, ...]) -> Seen:
        answered = Evidence(code="answered", facts={"address": self._address})
        return Seen(standing=standing, security=security, evidence=(answered, *found))
