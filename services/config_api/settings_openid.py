"""The variables of sign-in with OpenID Connect, which belong together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.config_api.domain.role_rules import RoleRule, parse_rules
from services.config_api.domain.secret import Secret
from services.config_api.environment import Environment, show_masked

ISSUER = "RELAYBOOK_OIDC_ISSUER"
CLIENT_ID = "RELAYBOOK_OIDC_CLIENT_ID"
CLIENT_SECRET = "RELAYBOOK_OIDC_CLIENT_SECRET"  # noqa: S105 -- the name of a variable
ROLES = "RELAYBOOK_OIDC_ROLES"
_VISIBLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenIdSettings:
    """The provider that people may sign in with; without a secret the client is a public one."""

    issuer: str
    client_id: str
    client_secret: Secret | None
    rules: tuple[RoleRule, ...]

    @property
    def host(self) -> str:
        """The issuer's host and port, as people know it."""
        return urlsplit(self.issuer).netloc


def read_openid(env: Environment) -> OpenIdSettings | None:
    """Return the provider, None where none is named; notes everything that is wrong."""
    before = len(env.wrong)
    issuer = env.optional(ISSUER, _issuer)
    client_id = env.optional(CLIENT_ID, _client_id)
    secret = env.optional(CLIENT_SECRET, Secret, show=show_masked, file=True)
    rules = env.optional(ROLES, parse_rules)
    refused = {one.name.removesuffix("_FILE") for one in env.wrong[before:]}
    if issuer is not None or ISSUER in refused:
        for name, value in ((CLIENT_ID, client_id), (ROLES, rules)):
            if value is None and name not in refused:
                env.refuse(name, f"is needed with {ISSUER}")
    else:
        for name, given in ((CLIENT_ID, client_id), (CLIENT_SECRET, secret), (ROLES, rules)):
            if given is not None or name in refused:
                env.refuse(name, f"is set without {ISSUER}")
    if issuer is None or client_id is None or rules is None:
        return None
    return OpenIdSettings(issuer=issuer, client_id=client_id, client_secret=secret, rules=rules)


def _issuer(text: str) -> str:
    """Read the issuer as the provider spells it: a slash at its end stays."""
    parts = urlsplit(text)
    plain = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    if not plain or "?" in text or "#" in text or not _VISIBLE.fullmatch(text):
        raise ValueError("must be an https:// URL without user, query or fragment")
    _ = parts.port  # raises ValueError for one that is no port
    return text


def _client_id(text: str) -> str:
    if not _VISIBLE.fullmatch(text):
        raise ValueError("must be visible ASCII characters")
    return text
