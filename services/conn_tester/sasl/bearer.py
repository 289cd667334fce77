"""XOAUTH2 and OAUTHBEARER: an access token instead of a password."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.sasl.exchange import BadChallenge, saslname

if TYPE_CHECKING:
    from services.conn_tester.sasl.exchange import Login


class Bearer:
    """One exchange; `error` is the JSON with which the server refuses, before its reply does.

    `standard` is OAUTHBEARER (RFC 7628); else it is XOAUTH2, as Google describes it.
    """

    complete: Final = True

    def __init__(self, login: Login, *, standard: bool) -> None:
        self._login = login
        self._standard = standard
        self.error: dict[str, Any] | None = None

    def initial(self) -> bytes | None:
        login = self._login
        token = f"auth=Bearer {login.password.reveal()}\1\1"
        if not self._standard:
            return f"user={login.authorized_as or login.user}\1{token}".encode()
        user = login.authorized_as or login.user
        return f"n,a={saslname(user)},\1host={login.host}\1port={login.port}\1{token}".encode()

    def answer(self, challenge: bytes) -> bytes:
        if self.error is not None:
            raise BadChallenge(challenge)
        try:
            told = json.loads(challenge)
        except (ValueError, RecursionError):
            told = None
        self.error = told if isinstance(told, dict) else {}
        return b"\1" if self._standard else b""
