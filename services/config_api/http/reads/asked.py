"""Which requests the layer knows: everything else about them must not matter to the answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from events.envelope import stream_name
from events.smtp_setting import CATEGORY
from events.store.sql.board.topics import EVERYTHING, LIST, topic_of
from services.config_api.application.loading import DEFAULT_ID
from services.config_api.domain.setting_id import PATTERN
from services.config_api.http.setting_pages import PATH

if TYPE_CHECKING:
    from collections.abc import Mapping

    Environ = Mapping[str, Any]

_FOLDER: Final = f"{PATH}/"
_IN_FORCE: Final = "/effective"
_ONE_PATH: Final = re.compile(rf"{_FOLDER}({PATTERN})({_IN_FORCE})?")
ONE: Final = _FOLDER + "{setting_id}"
_EFFECTIVE: Final = ONE + _IN_FORCE
ROUTES: Final = (ONE, _EFFECTIVE, PATH)
_OF_THE_PAST: Final = "at"
#: What a longer one asks for is not kept: the query could take more memory than the answer.
_LONGEST_QUERY: Final = 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A read: its route, and the two topics that its answer depends on.

    They are the same one but where the setting of the ID `default` matters beside a tenant's. A
    page of the list has no tenant: what it shows depends on whom the asker sees.
    """

    tenant: str | None
    route: str
    topics: tuple[int, int]


def asked_by(path: str, query: str) -> Asked | None:
    """Return what a path and its query ask for, None where it is no read that the layer knows."""
    if path == PATH:
        return _PAGE if len(query) <= _LONGEST_QUERY and not _is_of_the_past(query) else None
    found = None if query else _ONE_PATH.fullmatch(path)
    if found is None:
        return None
    tenant, is_effective = found[1], found[2] is not None
    own, other = _topic(tenant), _topic(DEFAULT_ID)
    return Asked(
        tenant=tenant,
        route=_EFFECTIVE if is_effective else ONE,
        topics=(own, other if is_effective else own),
    )


_PAGE: Final = Asked(tenant=None, route=PATH, topics=(LIST, LIST))


def _is_of_the_past(query: str) -> bool:
    return _OF_THE_PAST in dict(parse_qsl(query, keep_blank_values=True))


def paths_of(tenant: str) -> tuple[str, str]:
    """Return the paths of a tenant's reads."""
    return f"{_FOLDER}{tenant}", f"{_FOLDER}{tenant}{_IN_FORCE}"


def _topic(tenant: str) -> int:
    return topic_of(stream_name(CATEGORY, tenant)) or EVERYTHING


def is_plain(environ: Environ) -> bool:
    """Tell whether a request is a GET without a body."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and not environ.get("CONTENT_LENGTH")
        and "HTTP_TRANSFER_ENCODING" not in environ
    )


def host_of(environ: Environ) -> tuple[str | None, str | None]:
    """Return what says which host a request is for."""
    return environ.get("HTTP_HOST"), environ.get("HTTP_X_FORWARDED_HOST")
