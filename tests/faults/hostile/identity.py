"""Who the hostile servers say that they are: one authority a process, made when it is needed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tests.support.smtp.certificates import Authority

if TYPE_CHECKING:
    import ssl


@cache
def authority() -> Authority:
    """Return the authority that the probed settings trust."""
    return Authority.root()


@cache
def server_context() -> ssl.SSLContext:
    """Return the context of a server with a good certificate."""
    return authority().issue().context()
