"""PLAIN, LOGIN and CRAM-MD5: mechanisms that send what they have to say at once."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

from services.conn_tester.sasl.exchange import BadChallenge

if TYPE_CHECKING:
    from services.conn_tester.sasl.exchange import Login


class Plain:
    """PLAIN (RFC 4616), with the initial response of RFC 4954."""

    complete: Final = True

    def __init__(self, login: Login) -> None:
        self._login = login

    def initial(self) -> bytes | None:
        login = self._login
        return f"{login.authorized_as or ''}\0{login.user}\0{login.password.reveal()}".encode()

    def answer(self, challenge: bytes) -> bytes:
        raise BadChallenge(challenge)


class UserThenPassword:
    """LOGIN (draft-murchison-sasl-login): prompts differ, their order does not."""

    complete: Final = True

    def __init__(self, login: Login) -> None:
        self._answers = [login.password.reveal().encode(), login.user.encode()]

    def initial(self) -> bytes | None:
        return None

    def answer(self, challenge: bytes) -> bytes:
        if not self._answers:
            raise BadChallenge(challenge)
        return self._answers.pop()


class CramMd5:
    """CRAM-MD5 (RFC 2195)."""

    complete: Final = True

    def __init__(self, login: Login) -> None:
        self._login = login
        self._answered = False

    def initial(self) -> bytes | None:
        return None

    def answer(self, challenge: bytes) -> bytes:
        if self._answered or not challenge:
            raise BadChallenge(challenge)
        self._answered = True
        key = self._login.password.reveal().encode()
        digest = hmac.new(key, challenge, "md5").hexdigest()
        return f"{self._login.user} {digest}".encode()
