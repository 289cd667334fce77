from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

import pyrage  # type: ignore[import-untyped]  # it has no types
import pytest

from services.config_api.domain.secret import Secret
from services.config_api.formats import age_header
from services.config_api.formats.age import WrongPassphrase, sealed, unsealed
from services.config_api.formats.malformed import MalformedFile

PASSPHRASE = "correct horse battery"
CHUNK = 64 * 1024
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7]
SOME_SIZES = [0, CHUNK, 2 * CHUNK + 1]  # the oracle derives for a second each


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive the key in a moment: the work factor stands in the file."""
    monkeypatch.setattr(age_header, "WORK_FACTOR", 10)


def seal(plain: bytes, *, step: int = 1_000) -> bytes:
    pieces = (plain[at : at + step] for at in range(0, len(plain), step))
    return b"".join(sealed(pieces, Secret(PASSPHRASE)))


def unseal(file: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return unsealed(BytesIO(file), Secret(passphrase)).read()


def some(size: int) -> bytes:
    return bytes(at * 7 % 251 for at in range(size))


def refused(file: bytes) -> str:
    with pytest.raises(MalformedFile) as caught:
        unseal(file)
    for language in ("en", "ja"):
        assert caught.value.described(language)
    return caught.value.code


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_here_opens_elsewhere(size: int) -> None:
    assert pyrage.passphrase.decrypt(seal(some(size)), PASSPHRASE) == some(size)


@pytest.mark.parametrize("size", SOME_SIZES)
def test_what_was_sealed_elsewhere_opens_here(size: int) -> None:
    assert unseal(pyrage.passphrase.encrypt(some(size), PASSPHRASE)) == some(size)


@pytest.mark.parametrize("step", [1, 999, CHUNK, 5 * CHUNK])
def test_the_pieces_that_come_in_do_not_show(step: int) -> None:
    plain = some(CHUNK + 5)
    assert unseal(seal(plain, step=step)) == plain


def test_every_file_has_keys_of_its_own() -> None:
    assert seal(b"same") != seal(b"same")


def test_a_passphrase_may_be_any_text() -> None:
    plain = b"".join(sealed([b"text"], Secret("合言葉は長いほうがよい")))
    assert pyrage.passphrase.decrypt(plain, "合言葉は長いほうがよい") == b"text"


def test_another_passphrase_does_not_open_it() -> None:
    with pytest.raises(WrongPassphrase):
        unseal(seal(b"text"), "wrong horse battery")


@pytest.mark.parametrize("size", [10, CHUNK, 2 * CHUNK + 1])
def test_a_file_that_was_cut_off_is_refused_wherever_that_was(size: int) -> None:
    file = seal(some(size))
    start = file.index(b"\n---")
    for left in {*range(0, start + 80, 7), *range(len(file) - 40, len(file))}:
        assert refused(file[:left]) in {"age_missing", "age_header", "age_cut_off", "age_altered"}


def test_a_file_that_ends_between_two_chunks_was_cut_off() -> None:
    file = seal(some(2 * CHUNK + 1))
    assert refused(file[: -(1 + 16)]) == "age_cut_off"


def test_bytes_behind_the_end_are_refused() -> None:
    assert refused(seal(some(CHUNK)) + b"more") == "age_trailing"
    assert refused(seal(b"text") + b"more") == "age_altered"


def test_chunks_in_another_order_are_refused() -> None:
    file = seal(some(2 * CHUNK + 1))
    begin = len(file) - (2 * (CHUNK + 16) + 17)
    first, second = (file[begin + n * (CHUNK + 16) :][: CHUNK + 16] for n in (0, 1))
    assert refused(file[:begin] + second + first + file[-17:]) == "age_altered"


def test_a_changed_byte_anywhere_is_refused() -> None:
    file = seal(some(100))
    for at in range(file.index(b"--- ") + 4, len(file)):
        changed = bytearray(file)
        changed[at] ^= 1
        assert refused(bytes(changed)) in {"age_altered", "age_header", "age_missing"}


def test_a_header_with_another_mac_is_refused() -> None:
    one, other = seal(b"text"), seal(b"text")
    head, _, tail = one.partition(b"\n--- ")
    mac = other.partition(b"\n--- ")[2][:43]
    assert refused(head + b"\n--- " + mac + tail[43:]) == "age_altered"


def test_an_armoured_file_is_refused_in_words_of_its_own() -> None:
    assert refused(b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n") == "age_armored"


def test_a_file_sealed_for_a_key_is_refused() -> None:
    identity = pyrage.x25519.Identity.generate()
    file = pyrage.encrypt(b"text", [identity.to_public()])
    assert refused(file) == "age_recipients"


def test_a_second_stanza_is_refused() -> None:
    file = seal(b"text")
    assert refused(file.replace(b"\n--- ", b"\n-> other\n\n--- ", 1)) == "age_recipients"


@pytest.mark.parametrize("work", [b"21", b"30", b"99"])
def test_a_file_that_asks_for_too_much_work_is_refused_before_any(work: bytes) -> None:
    file = seal(b"text")
    first = file.split(b"\n")[1]
    assert refused(file.replace(first, first[:-2] + work, 1)) == "age_work"


@pytest.mark.parametrize("work", [b"010", b"0", b"-1", b"1e", b"100", b""])
def test_a_work_factor_has_one_form(work: bytes) -> None:
    file = seal(b"text")
    first = file.split(b"\n")[1]
    assert refused(file.replace(first, first[:-2] + work, 1)) == "age_header"


@pytest.mark.parametrize("file", [b"", b"{}", b"<a/>", b"age-encryption.org/v2\n", b"x" * 5_000])
def test_something_else_is_no_age_file(file: bytes) -> None:
    assert refused(file) == "age_missing"


class Dripping(BytesIO):
    """Gives fewer bytes than it is asked for, as a slow sender does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 1, 1_000) if size and size > 0 else size)


def test_a_slow_stream_is_read_whole() -> None:
    stream: BinaryIO = Dripping(seal(some(CHUNK + 9)))
    assert unsealed(stream, Secret(PASSPHRASE)).read() == some(CHUNK + 9)


def test_files_are_written_with_a_sound_work_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert 15 <= age_header.WORK_FACTOR <= 18
    assert f" {age_header.WORK_FACTOR}\n".encode() in seal(b"text")
