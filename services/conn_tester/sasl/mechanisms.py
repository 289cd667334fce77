"""All mechanisms by name, and which of them a password or a token takes."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from services.conn_tester.sasl.bearer import Bearer
from services.conn_tester.sasl.scram import Scram
from services.conn_tester.sasl.simple import CramMd5, Plain, UserThenPassword

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.conn_tester.sasl.exchange import Exchange, Login

PLUS: Final = "-PLUS"
FOR_PASSWORDS: Final = (
    "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5",
    "PLAIN", "LOGIN",
)  # fmt: skip
"""The best first: bound to the channel, proved on both sides, not sent as it is."""
FOR_TOKENS: Final = ("XOAUTH2", "OAUTHBEARER")
_DIGESTS: Final = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}
_NONCE_BYTES: Final = 18


def exchange(name: str, login: Login) -> Exchange:
    """Return a new exchange of the mechanism; raises KeyError for one that is not spoken."""
    if name in FOR_TOKENS:
        return Bearer(login, standard=name == "OAUTHBEARER")
    simple: dict[str, Callable[[Login], Exchange]] = {
        "PLAIN": Plain,
        "LOGIN": UserThenPassword,
        "CRAM-MD5": CramMd5,
    }
    if name in simple:
        return simple[name](login)
    return Scram(
        login,
        digest=_DIGESTS[name.removesuffix(PLUS)],
        nonce=secrets.token_urlsafe(_NONCE_BYTES),
        bound=name.endswith(PLUS),
    )
