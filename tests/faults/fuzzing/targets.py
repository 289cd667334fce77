"""What a fuzzer may feed: everything that reads what a server says."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Final

from events.scrub import Scrub, plain_blob
from services.conn_tester.certificate import describe, end_point, load_chain
from services.conn_tester.diagnosis.auth import judge_refused_sign_in
from services.conn_tester.diagnosis.certificate import Refused, judge_certificate
from services.conn_tester.diagnosis.greeting import judge_ehlo, judge_greeting
from services.conn_tester.diagnosis.tls import plain_text
from services.conn_tester.diagnosis.token import judge_token
from services.conn_tester.dialogue import Dialogue, DialogueError
from services.conn_tester.journal import Journal
from services.conn_tester.probe.extensions import offered_mechanisms, read_extensions
from services.conn_tester.reply import SHOWN_LENGTH
from services.conn_tester.sasl.bearer import Bearer
from services.conn_tester.sasl.exchange import BadChallenge, Login, SignatureWrong
from services.conn_tester.sasl.mechanisms import FOR_PASSWORDS, FOR_TOKENS, exchange
from services.conn_tester.secret import Secret
from tests.support.smtp.script import PASSWORD, USER

if TYPE_CHECKING:
    from datetime import datetime

    from services.conn_tester.reply import ServerReply

_MOST_REPLIES: Final = 20
_SCRUB: Final = Scrub([PASSWORD], encoded=[plain_blob(USER, PASSWORD)])
_BINDING: Final = b"channel"
_SPARED: Final = b"i="
_VERIFY_CODES: Final = (10, 18, 20, 26, 62, 66)


class Fed:
    """Bytes in place of a connection, in pieces of the first byte's size."""

    def __init__(self, data: bytes) -> None:
        self._size = data[0] + 1 if data else 1
        self._left = data[1:]

    async def receive(self) -> bytes:
        piece, self._left = self._left[: self._size], self._left[self._size :]
        return piece

    def peek_waiting(self) -> bytes:
        return b""


def dialogue(data: bytes) -> None:
    """Read replies until the bytes end, and judge each as if it came in every place."""
    _loop().run_until_complete(_converse(data))


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One for all inputs: a new one each would take most of the time."""
    return asyncio.new_event_loop()


async def _converse(data: bytes) -> None:
    journal = Journal(elapsed_ms=lambda: 0.0, scrub=_SCRUB)
    talk = Dialogue(Fed(data), journal)  # type: ignore[arg-type]  # as far as a dialogue uses it
    try:
        for _ in range(_MOST_REPLIES):
            _judge(await talk.reply(limit_s=10))
    except DialogueError:
        pass
    for line in journal.lines:
        _check_shown(line.text)


def _judge(reply: ServerReply) -> None:
    for text in (reply.shown, reply.quoted):
        _check_shown(text)
    extensions = read_extensions(reply)
    for name in (*extensions, *offered_mechanisms(extensions)):
        _check_shown(name)
    judge_greeting(reply)
    judge_ehlo(reply, name="tester", banner=reply.shown)
    for encrypted in (False, True):
        judge_refused_sign_in(
            reply, mechanism="PLAIN", host="smtp.gmail.com", user=USER, encrypted=encrypted
        )


def challenge(data: bytes) -> None:
    """Answer a challenge by each mechanism, and a second one, which ends most of them."""
    number, told = (data[0], data[1:]) if data else (0, b"")
    names = (*FOR_PASSWORDS, *FOR_TOKENS)
    login = Login(user=USER, password=Secret(PASSWORD), host="h", port=25, binding=_BINDING)
    under_way = exchange(names[number % len(names)], login)
    under_way.initial()
    first, _, second = told.partition(b"\n")
    nonce = getattr(under_way, "_nonce", "")
    if nonce and _SPARED not in first:  # few rounds: the work asked for is not what is searched
        first = b"r=" + nonce.encode() + first[:20] + b",s=" + first[20:] + b",i=2"
    try:
        under_way.answer(first)
        under_way.answer(second)
    except (BadChallenge, SignatureWrong):
        return


def token(data: bytes, *, now: datetime) -> None:
    """Read a token that was refused and the refusal that came with it."""
    first, _, second = data.partition(b"\n")
    login = Login(user=USER, password=Secret(PASSWORD), host="h", port=25)
    under_way = Bearer(login, standard=True)
    under_way.answer(second)
    told = judge_token(first.decode("latin-1"), under_way.error or {}, now=now)
    for name, text in told.items():
        if name != "prefix":
            _check_shown(text)


def words(data: bytes) -> None:
    """Take secrets out of words and show them."""
    text = _SCRUB.clean(data.decode("utf-8", "backslashreplace"))
    assert PASSWORD not in text
    _check_shown(plain_text(data) or "")


def certificate(data: bytes, *, now: datetime) -> None:
    """Read what a server may show as its certificate."""
    chain = load_chain([data])
    describe(chain)
    for code in _VERIFY_CODES if chain else ():
        end_point(chain[0])
        judge_certificate(Refused(verify_code=code, chain=chain, private_ca=(), now=now))


def _check_shown(text: str) -> None:
    assert len(text) <= SHOWN_LENGTH, text
    assert not any(ord(character) < ord(" ") for character in text), text
