"""Reads a setting from its row as Flask would, for those who may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.store.port import StoreUnavailable
from services.config_api.http.reads.tokens import token_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.config_api.http.incoming import Arrivals
    from services.config_api.http.reads.tokens import KnownTokens
    from services.config_api.read_model.queries import ReadModel, StoredDocument

    Environ = Mapping[str, Any]


class Rows:
    """The rows behind requests; all that is refused or fails is left to Flask, which tells why."""

    def __init__(self, read_model: ReadModel, tokens: KnownTokens, arrivals: Arrivals) -> None:
        self._read_model = read_model
        self._tokens = tokens
        self._arrivals = arrivals

    def setting(self, tenant: str, environ: Environ) -> StoredDocument | None:
        """Return a tenant's setting, None where there is none that the asker is known to see."""
        header: str | None = environ.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        try:
            with self._arrivals.at_work(environ):
                if not self._may_see(tenant, header):
                    return None
                return self._read_model.setting(tenant)
        except StoreUnavailable:
            return None

    def _may_see(self, tenant: str, header: str) -> bool:
        principal = self._tokens.principal_of(header, token_in(header))
        return principal is not None and principal.may("reader") and principal.sees(tenant)
