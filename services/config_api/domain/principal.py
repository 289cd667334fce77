"""Who asks: the roles of a user or token and the tenants that it is limited to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from events.access import Role

#: Role → what it may do besides itself (contract, section 6).
INCLUDED: Final[Mapping[Role, frozenset[Role]]] = {
    "admin": frozenset({"operator", "reader", "auditor"}),
    "operator": frozenset({"reader"}),
    "credentials": frozenset({"reader"}),
    "auditor": frozenset({"reader"}),
    "reader": frozenset(),
    "tester": frozenset(),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """A user, token or part of the product; `tenants` None means all of them."""

    actor: str
    roles: frozenset[Role]
    tenants: frozenset[str] | None = None

    def may(self, role: Role) -> bool:
        """Tell whether one of its roles is `role` or includes it."""
        return any(role == own or role in INCLUDED[own] for own in self.roles)

    def sees(self, tenant: str | None) -> bool:
        """Tell whether a tenant's things exist for it; None is what belongs to the deployment."""
        return self.tenants is None or tenant in self.tenants
