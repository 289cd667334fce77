"""The header of an age v1 file for a passphrase (https://age-encryption.org/v1)."""

from __future__ import annotations

import re
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from threading import Lock
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from services.config_api.domain.secret import Secret
from services.config_api.formats.malformed import MalformedFile

#: log2 of scrypt's N when writing: 64 MiB for a moment, for each guess as well. Twice as much would
#: come close to the 200 MiB that a whole import or export may take beside it.
WORK_FACTOR: Final = 16
#: The most that is carried out when reading: 1 GiB. One more would let a file choose our memory.
MAX_WORK_FACTOR: Final = 20
VERSION: Final = b"age-encryption.org/v1"
ARMOR: Final = b"-----BEGIN AGE ENCRYPTED FILE-----"
_SALT_LABEL: Final = b"age-encryption.org/v1/scrypt"
_SALT_BYTES: Final = 16
_FILE_KEY_BYTES: Final = 16
_KEY_BYTES: Final = 32
_WRAPPED_BYTES: Final = 32
_MAX_LINE: Final = 1_024
_WORK: Final = re.compile(rb"[1-9][0-9]?")
#: Each derivation takes up to 1 GiB: a process makes one at a time.
_one_at_a_time: Final = Lock()


class WrongPassphrase(Exception):
    """The passphrase does not open the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stanza:
    salt: bytes
    work_factor: int
    wrapped: bytes

    def text(self) -> bytes:
        """Return the header that the MAC covers."""
        first = b" ".join((b"-> scrypt", _base64(self.salt), str(self.work_factor).encode()))
        return b"\n".join((VERSION, first, _base64(self.wrapped), b"---"))

    def key(self, passphrase: Secret) -> ChaCha20Poly1305:
        return _wrapping(passphrase, self.salt, self.work_factor)


def new_header(passphrase: Secret) -> tuple[bytes, bytes]:
    """Return a new header as it stands in a file, and its file key."""
    file_key, salt = secrets.token_bytes(_FILE_KEY_BYTES), secrets.token_bytes(_SALT_BYTES)
    wrapped = _wrapping(passphrase, salt, WORK_FACTOR).encrypt(bytes(12), file_key, None)
    text = _Stanza(salt=salt, work_factor=WORK_FACTOR, wrapped=wrapped).text()
    mac = _mac(file_key, text).finalize()
    return text + b" " + _base64(mac) + b"\n", file_key


def read_header(stream: BinaryIO, passphrase: Secret) -> bytes:
    """Return the file key; raises MalformedFile, WrongPassphrase."""
    stanza, mac = _parsed(stream)
    try:
        file_key = stanza.key(passphrase).decrypt(bytes(12), stanza.wrapped, None)
    except InvalidTag:
        raise WrongPassphrase from None
    try:
        _mac(file_key, stanza.text()).verify(mac)
    except InvalidSignature:
        raise MalformedFile("age_altered") from None
    return file_key


def derived(file_key: bytes, label: bytes, salt: bytes | None = None) -> bytes:
    """Return the key for one purpose: `header`, or `payload` with the file's nonce."""
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=salt, info=label).derive(file_key)


def _parsed(stream: BinaryIO) -> tuple[_Stanza, bytes]:
    version = _line(stream)
    if version.rstrip(b"\r") == ARMOR:
        raise MalformedFile("age_armored")
    if version != VERSION:
        raise MalformedFile("age_missing")
    words = _line(stream).split(b" ")
    if words[:2] != [b"->", b"scrypt"]:
        raise MalformedFile("age_recipients")
    body = _line(stream)
    last = _line(stream)
    if last.startswith(b"->"):
        raise MalformedFile("age_recipients")
    if len(words) != 4 or not last.startswith(b"--- "):  # noqa: PLR2004 -- arrow, name, two arguments
        raise MalformedFile("age_header")
    stanza = _Stanza(
        salt=_decoded(words[2], _SALT_BYTES),
        work_factor=_work_factor(words[3]),
        wrapped=_decoded(body, _WRAPPED_BYTES),
    )
    return stanza, _decoded(last[4:], _KEY_BYTES)


def _line(stream: BinaryIO) -> bytes:
    line = stream.readline(_MAX_LINE)
    if not line.endswith(b"\n"):
        raise MalformedFile("age_header" if line.startswith((b"->", b"---")) else "age_missing")
    return line[:-1]


def _work_factor(text: bytes) -> int:
    if not _WORK.fullmatch(text):
        raise MalformedFile("age_header")
    if int(text) > MAX_WORK_FACTOR:
        raise MalformedFile("age_work", found=int(text), limit=MAX_WORK_FACTOR)
    return int(text)


def _decoded(text: bytes, size: int) -> bytes:
    """Return the bytes of unpadded base64 in its one form."""
    try:
        plain = b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except NotBase64:
        plain = b""
    if len(plain) != size or _base64(plain) != text:
        raise MalformedFile("age_header")
    return plain


def _base64(plain: bytes) -> bytes:
    return b64encode(plain).rstrip(b"=")


def _wrapping(passphrase: Secret, salt: bytes, work_factor: int) -> ChaCha20Poly1305:
    scrypt = Scrypt(salt=_SALT_LABEL + salt, length=_KEY_BYTES, n=2**work_factor, r=8, p=1)
    with _one_at_a_time:
        return ChaCha20Poly1305(scrypt.derive(passphrase.reveal().encode("utf-8", "replace")))


def _mac(file_key: bytes, text: bytes) -> HMAC:
    mac = HMAC(derived(file_key, b"header"), SHA256())
    mac.update(text)
    return mac
