"""SCRAM (RFC 5802, RFC 7677), which proves the password on both sides without sending it."""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Final

from services.conn_tester.sasl.exchange import BadChallenge, SignatureWrong, saslname
from services.conn_tester.sasl.saslprep import saslprep

if TYPE_CHECKING:
    from services.conn_tester.sasl.exchange import Login

_MOST_ITERATIONS: Final = 1_000_000


class Scram:
    """One exchange with a hash of hashlib; `bound` ties it to the TLS channel (-PLUS).

    `nonce` is fresh for each login. The server's iteration count is bounded, as it is our work.
    """

    def __init__(self, login: Login, *, digest: str, nonce: str, bound: bool = False) -> None:
        self._digest = digest
        self._password = saslprep(login.password.reveal()).encode()
        user = saslname(saslprep(login.user))
        self._nonce = nonce
        self._first = f"n={user},r={nonce}"
        self._header = _gs2_header(login, bound=bound)
        self._binding = (login.binding or b"") if bound else b""
        self._expected: bytes | None = None
        self.complete = False
        self._refused = False

    def initial(self) -> bytes | None:
        return (self._header + self._first).encode()

    def answer(self, challenge: bytes) -> bytes:
        if self._expected is None:
            return self._proof(challenge)
        if self.complete or self._refused:
            raise BadChallenge(challenge)
        self._check_signature(challenge)
        return b""

    def _proof(self, challenge: bytes) -> bytes:
        """Return the client-final-message for a server-first-message."""
        nonce, salt, iterations = self._read_first(challenge)
        salted = hashlib.pbkdf2_hmac(self._digest, self._password, salt, iterations)
        bound_to = b64encode(self._header.encode() + self._binding).decode("ascii")
        final = f"c={bound_to},r={nonce}"
        signed = b",".join((self._first.encode(), challenge, final.encode()))
        client_key = self._keyed(salted, b"Client Key")
        stored_key = hashlib.new(self._digest, client_key).digest()
        signature = self._keyed(stored_key, signed)
        proof = bytes(left ^ right for left, right in zip(client_key, signature, strict=True))
        self._expected = self._keyed(self._keyed(salted, b"Server Key"), signed)
        return f"{final},p={b64encode(proof).decode('ascii')}".encode()

    def _read_first(self, challenge: bytes) -> tuple[str, bytes, int]:
        found = _attributes(challenge)
        nonce, count = found.get("r", ""), found.get("i", "")
        known = list(found)[:3] == ["r", "s", "i"]
        if not known or not nonce.startswith(self._nonce) or nonce == self._nonce:
            raise BadChallenge(challenge)
        if not (count.isascii() and count.isdigit() and 0 < int(count[:9]) <= _MOST_ITERATIONS):
            raise BadChallenge(challenge)
        try:
            return nonce, b64decode(found["s"], validate=True), int(count[:9])
        except (binascii.Error, ValueError):
            raise BadChallenge(challenge) from None

    def _check_signature(self, challenge: bytes) -> None:
        found = _attributes(challenge)
        if "e" in found:
            self._refused = True  # the server's reply says it again
            return
        try:
            signature = b64decode(found.get("v", ""), validate=True)
        except (binascii.Error, ValueError):
            raise BadChallenge(challenge) from None
        if not hmac.compare_digest(signature, self._expected or b""):
            raise SignatureWrong
        self.complete = True

    def _keyed(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, self._digest)


def _gs2_header(login: Login, *, bound: bool) -> str:
    authorized_as = f"a={saslname(login.authorized_as)}" if login.authorized_as else ""
    if bound:
        return f"p=tls-server-end-point,{authorized_as},"
    return f"{'y' if login.binding_unoffered else 'n'},{authorized_as},"


def _attributes(message: bytes) -> dict[str, str]:
    try:
        parts = message.decode().split(",")
    except UnicodeDecodeError:
        raise BadChallenge(message) from None
    return {part[:1]: part[2:] for part in parts if part[1:2] == "="}
