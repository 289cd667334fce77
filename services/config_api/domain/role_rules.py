"""Which roles a person of an OpenID provider has, by the claims that it makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args
from urllib.parse import unquote

from events.access import Role

#: Roles that a person may have; `tester` is the connection tester's own.
PERSONS_ROLES: Final = tuple(role for role in get_args(Role) if role != "tester")
_EMAIL: Final = "email"


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleRule:
    """Whoever has this value in this claim has these roles."""

    claim: str
    value: str
    roles: tuple[Role, ...]

    def matches(self, claims: Mapping[str, Any]) -> bool:
        """Tell whether the claim is the value, or a list that holds it.

        An e-mail address counts only where the provider says that it has verified it: elsewhere
        people may give themselves any.
        """
        if self.claim == _EMAIL and claims.get("email_verified") not in (True, "true"):
            return False
        found = claim_at(claims, self.claim)
        values = found if isinstance(found, list) else [found]
        return self.value in {_as_text(value) for value in values}


def parse_rules(text: str) -> tuple[RoleRule, ...]:
    """Read a comma list of `CLAIM=VALUE:ROLE[+ROLE]`; raises ValueError that names what is wrong.

    The first `=` ends the claim, the last `:` the value. `%2C` is a comma in a claim or a value,
    and `%25` a per cent sign.
    """
    rules, wrong = [], []
    for item in filter(None, (part.strip() for part in text.split(","))):
        try:
            rules.append(_rule(item))
        except ValueError as error:
            wrong.append(f"{item} ({error})")
    if wrong:
        raise ValueError(f"must be CLAIM=VALUE:ROLE[+ROLE], …; not {', '.join(wrong)}")
    if not rules:
        raise ValueError("must name at least one CLAIM=VALUE:ROLE")
    return tuple(rules)


def roles_of(rules: Sequence[RoleRule], claims: Mapping[str, Any]) -> frozenset[Role]:
    """Return the roles of all rules that match."""
    return frozenset(role for rule in rules if rule.matches(claims) for role in rule.roles)


def claim_at(claims: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 -- any JSON value
    """Return the claim of this name, otherwise the one that the dots in it lead to; None if none.

    Names may hold dots themselves: the longest that is there is taken.
    """
    if path in claims:
        return claims[path]
    for head, rest in _splits(path):
        inner = claims.get(head)
        if isinstance(inner, Mapping):
            return claim_at(inner, rest)
    return None


def _splits(path: str) -> Iterator[tuple[str, str]]:
    parts = path.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        yield ".".join(parts[:cut]), ".".join(parts[cut:])


def _rule(item: str) -> RoleRule:
    claim, equals, rest = item.partition("=")
    value, colon, roles = rest.rpartition(":")
    if not (claim and equals and value and colon and roles):
        raise ValueError("incomplete")
    return RoleRule(claim=unquote(claim), value=unquote(value), roles=_roles(roles))


def _roles(text: str) -> tuple[Role, ...]:
    named = set(text.split("+"))
    known: tuple[Role, ...] = tuple(role for role in PERSONS_ROLES if role in named)
    if len(known) != len(named):
        raise ValueError(f"roles are {', '.join(PERSONS_ROLES)}")
    return known


def _as_text(value: object) -> str | None:
    """Return a scalar as it stands in JSON, a string without its quotes; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None
