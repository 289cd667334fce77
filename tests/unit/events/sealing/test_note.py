"""Signed notes and checkpoints, against vectors of their inventors and a foreign verifier."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint as ForeignCheckpoint

from events.sealing.checkpoint import Checkpoint, checkpoint_in, read_checkpoint
from events.sealing.note import MalformedNote, NotSigned, SigningKey, VerifierKey, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

#: The example of Go's package golang.org/x/mod/sumdb/note, where the format comes from.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotp"
    "RZb6KE6RyyBwJnAM=\n"
)
KEY = SigningKey.from_seed("log.example/one", bytes(range(32)))
OTHER = SigningKey.from_seed("log.example/one", bytes(32))
HEAD = Checkpoint(origin=KEY.name, size=17, root=hashlib.sha256(b"root").digest())


def test_a_note_of_the_inventor_is_opened() -> None:
    key = VerifierKey.from_text(NEUMANN)
    assert key.text == NEUMANN
    assert text_of(NOTE, [key]) == NOTE.split("\n\n", maxsplit=1)[0] + "\n"


def test_a_foreign_verifier_takes_a_checkpoint() -> None:
    found = ForeignCheckpoint.from_text(KEY.sign(HEAD.text))
    found.verify(Vkey.from_string(KEY.verifier.text))
    assert (found.origin, found.size, found.root_hash) == (HEAD.origin, HEAD.size, HEAD.root)


def test_a_checkpoint_is_read_back() -> None:
    note = KEY.sign(HEAD.text)
    assert read_checkpoint(note, [OTHER.verifier, KEY.verifier]) == HEAD
    assert checkpoint_in(note) == HEAD


def test_signatures_of_strangers_are_passed_over() -> None:
    note = KEY.sign(HEAD.text) + OTHER.sign(HEAD.text).split("\n\n")[1]
    assert read_checkpoint(note, [KEY.verifier]) == HEAD
    assert read_checkpoint(note, [OTHER.verifier]) == HEAD
    with pytest.raises(NotSigned):
        read_checkpoint(note, [VerifierKey.from_text(NEUMANN)])


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("17", "18"),
        lambda note: note.replace("log.example/one\n17", "log.example/two\n17"),
        lambda note: note.replace("log.example/one ", "log.example/two "),
    ],
)
def test_a_changed_note_is_not_signed(change: Callable[[str], str]) -> None:
    with pytest.raises(NotSigned):
        read_checkpoint(change(KEY.sign(HEAD.text)), [KEY.verifier])


def test_one_broken_signature_of_a_known_key_spoils_the_note() -> None:
    wrong = KEY.sign("another\n").split("\n\n")[1]
    with pytest.raises(NotSigned):
        text_of(KEY.sign(HEAD.text) + wrong, [KEY.verifier])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\nno dash\n",
        "text\n\n— name\n",
        "text\n\n— name !!\n",
        "text\n\n— name AAAA\n",
        "text\n\n— name AAAAAAAA",
        "text\n\n" + "— name AAAAAAAA\n" * 17,
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(MalformedNote):
        text_of(note, [KEY.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name+00000000",
        "name+00000000+!",
        "name+00000000+AQAA",
        "+" + KEY.verifier.text.split("+", 1)[1],
        KEY.verifier.text.replace("one", "two"),
        KEY.verifier.text.replace("+AQ", "+Ag"),
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedNote):
        VerifierKey.from_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n17\n",
        "\n17\n" + HEAD.text.split("\n")[2] + "\n",
        HEAD.text.replace("17", "017"),
        HEAD.text.replace("17", "-1"),
        HEAD.text.replace("=", ""),
        "origin\n17\nAAAA\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedNote):
        checkpoint_in(text)


def test_a_seed_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32"):
        SigningKey.from_seed("name", b"short")
