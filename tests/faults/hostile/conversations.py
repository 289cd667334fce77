"""Hand-made ways to be hostile with words: injections, lists without end, loops, echoes."""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final

from tests.faults.hostile.behaviour import Behaviour, codes
from tests.faults.hostile.faults import says
from tests.faults.hostile.identity import server_context
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from tests.faults.hostile.behaviour import Act, Fault
    from tests.support.smtp.peer import Connection

_ANSI: Final = "\x1b]8;;http://evil.example\x07\x1b[2J<img src=x onerror=alert(1)>\u200b\u202e"
_GREETING: Final = "220 mx.acme.example ESMTP\r\n"


def scripted(**script: Any) -> Act:
    """Return a server by its script, made anew for each connection."""

    async def act(connection: Connection) -> None:
        await SmtpScript(**script)(connection)

    return act


def offering(*extensions: str) -> Act:
    return scripted(extensions=extensions)


def starting_tls(answer: bytes, *, then: bytes = b"", late_s: float = 0.0) -> Act:
    """Return a server that answers STARTTLS so, and sends more, before or after a moment."""

    async def act(connection: Connection) -> None:
        async def consent(connection: Connection, _line: str) -> None:
            await connection.send(answer)
            await asyncio.sleep(late_s)
            await connection.send(then)
            await connection.secure(server_context())
            await SmtpScript(banner="")(connection)

        script = SmtpScript(extensions=("STARTTLS", "AUTH PLAIN"), answers={"STARTTLS": consent})
        await script(connection)

    return act


def challenging(*challenges: bytes, forever: bool = False) -> Fault:
    """Return a server that answers AUTH with these lines, the last one again and again."""

    async def act(connection: Connection, _line: str) -> None:
        for challenge in challenges:
            await connection.send(challenge + b"\r\n")
            await connection.line()
        while forever and not connection.at_end:
            await connection.send(challenges[-1] + b"\r\n")
            await connection.line()
        await connection.send("535 5.7.8 no\r\n")

    return act


def endless_scram(extra: str, *, iterations: int = 4096) -> Fault:
    """Return a server that goes on with SCRAM for ever."""

    async def act(connection: Connection, line: str) -> None:
        client = b64decode(line.rsplit(maxsplit=1)[-1]).decode()
        nonce = client.partition(",r=")[2]
        first = f"r={nonce}more,s={b64encode(b'salt').decode()},i={iterations}"
        await connection.send(b"334 " + b64encode(first.encode()) + b"\r\n")
        while await connection.line() or not connection.at_end:
            await connection.send(b"334 " + b64encode(extra.encode()) + b"\r\n")

    return act


async def echoes_everything(connection: Connection, line: str) -> None:
    """Give each login back in every form."""
    password = b64decode(line.rsplit(maxsplit=1)[-1]).split(b"\0")[-1]
    text = password.decode()
    forms = (
        line, text, text.upper(), password.hex(), password.hex().upper(),
        b64encode(password).decode(), b64encode(b"x" + password).decode(),
        b64encode(b"xy" + password + b"z").decode(), text.replace(" ", "%20"),
        text.replace(" ", "+"), text.replace(" ", "=20"), "\0".join(text), text[::-1],
    )  # fmt: skip
    await connection.send("".join(f"535-5.7.8 {form}\r\n" for form in forms) + "535 5.7.8 no\r\n")


async def echoes_cut(connection: Connection, line: str) -> None:
    """Give the login back in two lines."""
    middle = len(line) // 2
    await connection.send(f"535-{line[:middle]}\r\n535 {line[middle:]}\r\n")


async def echoes_and_hangs_up(connection: Connection, line: str) -> None:
    await connection.send(f"{line}\r\n")
    raise ConnectionAbortedError


def asking(answer: Fault, **more: Any) -> Act:
    """Return a server that answers AUTH so."""
    return scripted(answers={"AUTH": answer}, **more)


def _offers(count: int, mechanism: str = "X-MADE-UP") -> str:
    return "AUTH " + " ".join(f"{mechanism}{number}" for number in range(count))


def _auth(name: str, right: str, act: Act, mechanism: str | None = None) -> Behaviour:
    return Behaviour(name=name, codes=codes(right), act=act, mechanism=mechanism)


_LOGIN: Final = ("AUTH LOGIN",)
_SCRAM: Final = ("AUTH SCRAM-SHA-256",)
_XOAUTH2: Final = ("AUTH XOAUTH2",)
_DEEP_JSON: Final = b64encode(b'{"status":' * 2000)
_HUGE_NUMBER: Final = b64encode(b'{"status":' + b"9" * 9000 + b"}")
_ANSI_JSON: Final = b64encode(b'{"status":"401","scope":"\\u001b[31m\\u202e","schemes":[]}')

EXTENSIONS: Final = (
    _auth("1000 mechanisms", "no_common_mechanism", offering(_offers(1000))),
    _auth("2900 mechanisms in one line", "no_common_mechanism", offering(_offers(2900, "M"))),
    _auth("1000 AUTH lines", "no_common_mechanism",
          offering(*(f"AUTH M{number}" for number in range(1000)))),
    _auth("1000 mechanisms, PLAIN among them", "ok", offering(f"{_offers(1000)} PLAIN")),
    _auth("mechanisms with ANSI", "auth_not_offered", offering("AUTH \x1b[31mPLAIN <b>LOGIN")),
    _auth("a mechanism of 9 KB", "auth_not_offered",
          offering("AUTH " + "P" * 9000)),
    _auth("3000 extensions", "auth_not_offered", offering(*(f"X{n}" for n in range(3000)))),
    _auth("extensions with ANSI", "auth_not_offered",
          offering(f"X={_ANSI}", f"X-A {_ANSI}", f"{_ANSI} X")),
    _auth("only AUTH=", "auth_not_offered", offering("AUTH=")),
    _auth("AUTH without names", "auth_not_offered", offering("AUTH", "AUTH ", "AUTH=  ")),
    _auth("a size of 5000 digits", "ok", offering("SIZE " + "9" * 5000, "AUTH PLAIN")),
    Behaviour(name="a size of 5000 digits, envelope", codes=codes("ok"), depth="envelope",
              act=offering("SIZE " + "9" * 5000, "AUTH PLAIN")),
    Behaviour(name="STARTTLS in small letters with words", codes=codes("starttls_refused"),
              security="starttls", act=offering("starttls now")),
    Behaviour(name="STARTTLS overwritten", codes=codes("starttls_stripped"), security="starttls",
              act=offering("XXXXXXXA")),
    _auth("a greeting of 200 lines with ANSI", "ok",
          scripted(banner=f"220-{_ANSI}\r\n" * 200 + "220 x\r\n")),
    _auth("a greeting with a bare CR", "ok not_smtp too_slow",
          scripted(banner="220 mx\r220 two\r\n")),
    _auth("1000 greetings", "protocol_error", scripted(banner=_GREETING * 1000)),
    _auth("a greeting of every control character", "ok",
          scripted(banner="220 " + "".join(map(chr, {*range(1, 32)} - {10, 13})) + "\r\n")),
)  # fmt: skip

INJECTIONS: Final = tuple(
    Behaviour(name=f"STARTTLS: {name}", codes=codes(right), security="starttls", act=act)
    for name, right, act in (
        ("injected EHLO reply", "starttls_injection",
         starting_tls(b"220 go\r\n250-x\r\n250 AUTH PLAIN\r\n")),
        ("one injected byte", "starttls_injection", starting_tls(b"220 go\r\n2")),
        ("injected line feed", "starttls_injection", starting_tls(b"220 go\r\n\n")),
        ("injected NUL", "starttls_injection", starting_tls(b"220 go\r\n\0")),
        ("16 KB injected", "starttls_injection", starting_tls(b"220 go\r\n" + b"250 x\r\n" * 2400)),
        ("injected TLS record", "starttls_injection",
         starting_tls(b"220 go\r\n\x16\x03\x03\x00\x01\x00")),
        ("injected ANSI", "starttls_injection", starting_tls(f"220 go\r\n{_ANSI}\r\n".encode())),
        ("injected a moment later", "server_tls_broken starttls_injection",
         starting_tls(b"220 go\r\n", then=b"250 AUTH PLAIN\r\n", late_s=0.1)),
        ("two consents", "starttls_injection", starting_tls(b"220 go\r\n220 go\r\n")),
        ("consent of many lines", "ok", starting_tls(b"220-go\r\n" * 20 + b"220 go\r\n")),
        ("502 after offering it", "starttls_refused", starting_tls(b"502 no\r\n")),
    )
)  # fmt: skip

SIGN_INS: Final = (
    _auth("bad base64", "protocol_error", asking(says("334 %%%\r\n"), extensions=_LOGIN)),
    _auth("base64 without its padding", "protocol_error",
          asking(says("334 VXNlcm5\r\n"), extensions=("AUTH CRAM-MD5",))),
    _auth("a challenge that is no text", "protocol_error",
          asking(challenging(b"334 \xff\xfe", b"334 \xff"), extensions=_LOGIN)),
    _auth("a challenge of 24 KB", "bad_credentials",
          asking(challenging(b"334 " + b"QUJD" * 6000), extensions=("AUTH CRAM-MD5",))),
    _auth("334 without end, LOGIN", "protocol_error",
          asking(challenging(b"334 VXNlcm5hbWU6", forever=True), extensions=_LOGIN)),
    _auth("334 without end, CRAM-MD5", "protocol_error",
          asking(challenging(b"334 PDE+", forever=True), extensions=("AUTH CRAM-MD5",))),
    _auth("334 without end, PLAIN", "protocol_error",
          asking(challenging(b"334 ", forever=True))),
    _auth("334 without end, XOAUTH2", "protocol_error", mechanism="XOAUTH2",
          act=asking(challenging(b"334 e30=", forever=True), extensions=_XOAUTH2)),
    _auth("334 without end, SCRAM", "protocol_error",
          asking(endless_scram("e=other-error"), extensions=_SCRAM)),
    _auth("SCRAM that begins again", "server_signature_wrong protocol_error",
          asking(endless_scram("r=x,s=AAAA,i=1"), extensions=_SCRAM)),
    _auth("SCRAM with a wrong signature", "server_signature_wrong",
          asking(endless_scram("v=AAAA"), extensions=_SCRAM)),
    _auth("SCRAM of a million rounds", "protocol_error server_signature_wrong auth_timeout",
          asking(endless_scram("v=AAAA", iterations=1_000_000), extensions=_SCRAM)),
    _auth("SCRAM of a billion rounds", "protocol_error",
          asking(endless_scram("v=AAAA", iterations=1_000_000_000), extensions=_SCRAM)),
    _auth("SCRAM without rounds", "protocol_error",
          asking(endless_scram("v=AAAA", iterations=0), extensions=_SCRAM)),
    _auth("SCRAM with another's nonce", "protocol_error",
          asking(says("334 cj14LHM9QUFBQSxpPTQwOTY=\r\n"), extensions=_SCRAM)),
    _auth("SCRAM that is binary", "protocol_error",
          asking(says("334 /////w==\r\n"), extensions=_SCRAM)),
    _auth("SCRAM that says yes at once", "server_signature_wrong",
          asking(says("235 welcome\r\n"), extensions=_SCRAM)),
    *(
        _auth(f"XOAUTH2 refused by {name}", "token_rejected", mechanism="XOAUTH2",
              act=asking(challenging(b"334 " + told), extensions=_XOAUTH2))
        for name, told in (
            ("deep JSON", _DEEP_JSON), ("a huge number", _HUGE_NUMBER), ("ANSI", _ANSI_JSON),
            ("no JSON", b"/////w=="), ("a list", b"W10="),
        )
    ),
    _auth("echoes the login in every form", "bad_credentials", asking(echoes_everything)),
    _auth("echoes the login in two lines", "bad_credentials", asking(echoes_cut)),
    _auth("echoes the login and hangs up", "protocol_error closed_in_auth",
          asking(echoes_and_hangs_up)),
    *(
        _auth(f"refuses with a word of 30 KB: {word}", right,
              asking(says(f"{code} {word * (30_000 // len(word))}\r\n")))
        for word, code, right in (
            ("concurren", 454, "temporary_auth_failure"),
            ("encrypt", 535, "bad_credentials auth_needs_tls"),
            ("temporar", 535, "bad_credentials"),
            ("smtpclientauth", 535, "bad_credentials"),
            ("smtp auth", 535, "bad_credentials"),
            ("basic auth", 535, "bad_credentials"),
            ("blocked ", 535, "bad_credentials"),
            ("need ", 535, "bad_credentials"),
        )
    ),
)  # fmt: skip

REFUSALS: Final = tuple(
    Behaviour(
        name=f"{verb} is refused with a word of 30 KB: {word}",
        codes=codes("sender_refused recipient_unknown relay_denied temporarily_unavailable "
                    "sender_not_allowed sender_not_verified too_many_connections"),
        depth="envelope",
        act=scripted(answers={verb: says(f"{code} {word * (30_000 // len(word))}\r\n")}),
    )
    for verb, word, code in (
        ("MAIL", "permission", 550), ("MAIL", "identit", 550), ("MAIL", "sender ", 553),
        ("RCPT", "exceed", 552), ("RCPT", "user ", 550), ("RCPT", "concurren", 451),
        ("EHLO", "concurren", 451), ("MAIL", "sign in ", 550),
    )
)  # fmt: skip


def slowly(seconds: float) -> Act:
    """Return a server that is well but takes its time for each reply."""

    async def act(connection: Connection) -> None:
        send = connection.send

        async def send_late(data: bytes | str) -> None:
            await asyncio.sleep(seconds)
            await send(data)

        connection.send = send_late  # type: ignore[method-assign]  # the script knows no patience
        await SmtpScript()(connection)

    return act


SLOW: Final = (
    Behaviour(name="each reply takes 0.6 s of 0.75", codes=codes("deadline_exceeded"),
              act=slowly(0.6), timeout_ms=None, deadline_ms=1_500),
    Behaviour(name="each reply takes 1 s of 2", codes=codes("ok"), act=slowly(1)),
    Behaviour(name="each reply takes 3 s of 2", codes=codes("no_greeting"), act=slowly(3)),
)  # fmt: skip

CONVERSATIONS: Final = (*EXTENSIONS, *INJECTIONS, *SIGN_INS, *REFUSALS, *SLOW)
