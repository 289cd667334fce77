"""What a row of the matrix of access says of a route, and whom it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from events.access import Role

#: How a tenant matters to a route: not at all; as the thing in its path; in that its answer shows
#: only what the caller sees; in that nobody may use it who is limited to tenants.
About = Literal["nobody", "one", "list", "whole"]

PUBLIC: Final = "public"
READERS: Final = frozenset[Role]({"admin", "operator", "reader", "credentials", "auditor"})
OPERATORS: Final = frozenset[Role]({"admin", "operator"})
AUDITORS: Final = frozenset[Role]({"admin", "auditor"})
ADMINS: Final = frozenset[Role]({"admin"})
EVERYBODY: Final = frozenset[Role](get_args(Role))


@dataclass(frozen=True, kw_only=True)
class Route:
    """One row: who may use it, and a request that changes nothing of what other cells need.

    `path` has the tenant in `{tenant}`, and the ids of what the fixture made.
    """

    who: frozenset[Role] | Literal["public"]
    path: str
    about: About = "nobody"
    body: Any = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    page: bool = False
