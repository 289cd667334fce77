"""Which requests the layer knows: everything else about them must not matter to the answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from events.envelope import stream_name
from events.smtp_setting import CATEGORY
from events.store.sql.board.topics import EVERYTHING, topic_of
from services.config_api.application.loading import DEFAULT_ID
from services.config_api.domain.setting_id import PATTERN

if TYPE_CHECKING:
    from collections.abc import Mapping

    Environ = Mapping[str, Any]

_FOLDER: Final = "/v1/smtp-settings/"
_IN_FORCE: Final = "/effective"
_PATH: Final = re.compile(rf"{_FOLDER}({PATTERN})({_IN_FORCE})?")
_ONE: Final = _FOLDER + "{setting_id}"
_EFFECTIVE: Final = _ONE + _IN_FORCE
ROUTES: Final = (_ONE, _EFFECTIVE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A read of one setting: its route, and the two topics that its answer depends on.

    They are the same one where the setting of the ID `default` does not matter.
    """

    path: str
    tenant: str
    route: str
    topics: tuple[int, int]


def asked_by(path: str) -> Asked | None:
    """Return what a path asks for, None where it is no read that the layer knows."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    tenant, is_effective = found[1], found[2] is not None
    own, other = _topic(tenant), _topic(DEFAULT_ID)
    return Asked(
        path=path,
        tenant=tenant,
        route=_EFFECTIVE if is_effective else _ONE,
        topics=(own, other if is_effective else own),
    )


def paths_of(tenant: str) -> tuple[str, str]:
    """Return the paths of a tenant's reads."""
    return f"{_FOLDER}{tenant}", f"{_FOLDER}{tenant}{_IN_FORCE}"


def _topic(tenant: str) -> int:
    return topic_of(stream_name(CATEGORY, tenant)) or EVERYTHING


def is_plain(environ: Environ) -> bool:
    """Tell whether a request is a GET without a query and without a body."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and not environ["QUERY_STRING"]
        and not environ.get("CONTENT_LENGTH")
        and "HTTP_TRANSFER_ENCODING" not in environ
    )


def host_of(environ: Environ) -> tuple[str | None, str | None]:
    """Return what says which host a request is for."""
    return environ.get("HTTP_HOST"), environ.get("HTTP_X_FORWARDED_HOST")
