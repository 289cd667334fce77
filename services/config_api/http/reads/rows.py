"""Reads settings from their rows as Flask would, for those who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from events.store.port import StoreUnavailable
from services.config_api.http.etags import version_tag
from services.config_api.http.query import checked
from services.config_api.http.reads.tokens import token_in
from services.config_api.http.setting_pages import QUERY, page_of_now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.config_api.domain.principal import Principal
    from services.config_api.http.incoming import Arrivals
    from services.config_api.http.reads.asked import Asked
    from services.config_api.http.reads.tokens import KnownTokens
    from services.config_api.read_model.queries import ReadModel

    Environ = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What rows say: a setting has a tag and a version, a page the `link` to the next one."""

    body: bytes
    tag: str = ""
    link: str = ""
    version: int = 0


class Rows:
    """The rows behind requests; all that is refused or fails is left to Flask, which tells why."""

    def __init__(self, read_model: ReadModel, tokens: KnownTokens, arrivals: Arrivals) -> None:
        self._read_model = read_model
        self._tokens = tokens
        self._arrivals = arrivals

    def find(self, asked: Asked, environ: Environ) -> Found | None:
        """Return what is asked for, None where the asker is not known to see it."""
        header: str | None = environ.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        try:
            with self._arrivals.at_work(environ):
                principal = self._tokens.principal_of(header, token_in(header))
                if principal is None or not principal.may("reader"):
                    return None
                if asked.tenant is None:
                    return self._page(environ["QUERY_STRING"], principal)
                return self._setting(asked.tenant, principal)
        except StoreUnavailable:
            return None

    def _setting(self, tenant: str, principal: Principal) -> Found | None:
        stored = self._read_model.setting(tenant) if principal.sees(tenant) else None
        if stored is None:
            return None
        tag = f'"{version_tag(stored.version)}"'
        return Found(body=stored.document.encode(), tag=tag, version=stored.version)

    def _page(self, query: str, principal: Principal) -> Found | None:
        given = _parameters(query)
        if given is None:
            return None
        asked, errors = checked(QUERY, given)
        if errors:
            return None
        firsts = {name: values[0] for name, values in given.items()}
        page = page_of_now(self._read_model, asked, firsts, principal.tenants)
        return Found(body=page.body.encode(), link=page.link or "")


def _parameters(query: str) -> dict[str, list[str]] | None:
    """Return the parameters in a query, None where it holds what is no UTF-8."""
    try:
        return parse_qs(query, keep_blank_values=True, errors="strict") if query.isascii() else None
    except UnicodeDecodeError:
        return None
