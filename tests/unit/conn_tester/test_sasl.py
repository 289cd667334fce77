from __future__ import annotations

import pytest

from services.conn_tester.sasl.bearer import Bearer
from services.conn_tester.sasl.exchange import BadChallenge, Login, SignatureWrong
from services.conn_tester.sasl.saslprep import saslprep
from services.conn_tester.sasl.scram import Scram
from services.conn_tester.sasl.simple import CramMd5
from services.conn_tester.secret import Secret

FIRST = b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
LAST = b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="


def login(user: str, password: str, **changes: object) -> Login:
    return Login(user=user, password=Secret(password), host="h", port=587, **changes)  # type: ignore[arg-type]  # of the test


def sha1() -> Scram:
    nonce = "fyko+d2lbbFgONRv9qkxdawL"
    return Scram(login("user", "pencil"), digest="sha1", nonce=nonce)


def test_the_example_of_rfc_5802() -> None:
    scram = sha1()
    assert scram.initial() == b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
    assert scram.answer(FIRST) == (
        b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
    )
    assert not scram.complete
    assert scram.answer(LAST) == b""
    assert scram.complete


def test_a_server_refuses_once_and_not_for_ever() -> None:
    scram = sha1()
    scram.answer(FIRST)
    assert scram.answer(b"e=other-error") == b""
    with pytest.raises(BadChallenge):
        scram.answer(b"e=other-error")


def test_the_example_of_rfc_7677() -> None:
    scram = Scram(login("user", "pencil"), digest="sha256", nonce="rOprNGfwEbeRWgbNEkqO")
    first = (
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    )
    assert scram.answer(first).endswith(b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    scram.answer(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    assert scram.complete


def test_a_wrong_signature_of_the_server_is_told() -> None:
    scram = sha1()
    scram.answer(FIRST)
    with pytest.raises(SignatureWrong):
        scram.answer(b"v=AAAApqV8S7suAoZWja4dJRkFsKQ=")
    assert not scram.complete


@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b"\xff",
        FIRST.replace(b"fyko", b"evil"),
        FIRST.replace(b"4096", b"0"),
        FIRST.replace(b"4096", b"99999999"),
        FIRST.replace(b"s=QS", b"s=!!"),
        b"m=ext," + FIRST,
        b"r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096",
    ],
)
def test_a_first_message_that_may_not_be_is_refused(challenge: bytes) -> None:
    with pytest.raises(BadChallenge):
        sha1().answer(challenge)


@pytest.mark.parametrize(
    ("changes", "bound", "header"),
    [
        ({}, False, b"n,,"),
        ({"binding": b"x", "binding_unoffered": True}, False, b"y,,"),
        ({"binding": b"x"}, True, b"p=tls-server-end-point,,"),
    ],
)
def test_the_header_tells_about_the_channel(
    changes: dict[str, object], bound: bool, header: bytes
) -> None:
    scram = Scram(login("a,b=c", "p", **changes), digest="sha1", nonce="n", bound=bound)
    assert scram.initial() == header + b"n=a=2Cb=3Dc,r=n"


def test_the_example_of_rfc_2195() -> None:
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    answer = CramMd5(login("tim", "tanstaaftanstaaf")).answer(challenge)
    assert answer == b"tim b913a602c7eda7a495b4e6e7334d3890"


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("I\u00adX", "IX"), ("user", "user"), ("USER", "USER"), ("\u00aa", "a"), ("\u2168", "IX"),
        ("a\u00a0b", "a b"), ("\u0007", "\u0007"), ("\u0627\u0031", "\u0627\u0031"),
    ],
)  # fmt: skip
def test_the_examples_of_rfc_4013(text: str, prepared: str) -> None:
    assert saslprep(text) == prepared


def test_a_token_is_sent_in_both_forms() -> None:
    plain, standard = (Bearer(login("u", "t"), standard=standard) for standard in (False, True))
    assert plain.initial() == b"user=u\1auth=Bearer t\1\1"
    assert standard.initial() == b"n,a=u,\1host=h\1port=587\1auth=Bearer t\1\1"
    assert (plain.answer(b'{"status":"400"}'), standard.answer(b"[]")) == (b"", b"\1")
    assert (plain.error, standard.error) == ({"status": "400"}, {})
