"""Pages of the list of settings, as Flask and the layer in front of it answer them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args
from urllib.parse import urlencode

from events.connection_test import Verdict
from services.config_api.http.query import Query, boolean, choice, cursor, limit, moment, text
from services.config_api.http.schemas.parameters import cursor_text
from services.config_api.read_model.listed import SettingsQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.config_api.read_model.listed import ListedSetting, SettingsPage
    from services.config_api.read_model.queries import ReadModel

PATH = "/v1/smtp-settings"
QUERY = (
    text("q", "A part of id, host or user, in any case."),
    boolean("is_default", "Only defaults, or only others."),
    choice("verdict", "Only those whose last test ended so.", *get_args(Verdict)),
    limit(),
    cursor(),
    moment("at", "The settings as they were at a position or an instant."),
    boolean("count", "Also answer `total`.", default=False),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenPage:
    """A page as it is answered: its JSON, and the `Link` to the next page where there is one."""

    body: str
    link: str | None


def settings_query(asked: Query, tenants: frozenset[str] | None) -> SettingsQuery:
    """Return which settings somebody asks for who sees those of `tenants`; None sees all."""
    return SettingsQuery(
        q=asked["q"], is_default=asked["is_default"], verdict=asked["verdict"], tenants=tenants
    )


def page_of_now(
    model: ReadModel, asked: Query, given: Mapping[str, str], tenants: frozenset[str] | None
) -> WrittenPage:
    """Return the page that somebody asks for, as the rows are now; raises StoreUnavailable."""
    query = settings_query(asked, tenants)
    page = model.settings_page(query, after_id=asked["cursor"], limit=asked["limit"])
    total = model.settings_count(query) if asked["count"] else None
    return written(page, total, asked, given)


def written(
    page: SettingsPage, total: int | None, asked: Query, given: Mapping[str, str]
) -> WrittenPage:
    """Return a page as it is answered to a request that gave these parameters."""
    following = None if page.next_id is None else cursor_text(page.next_id)
    counted = "" if total is None else f',"total":{total}'
    items = ",".join([_item(one) for one in page.items])
    return WrittenPage(
        body=f'{{"items":[{items}],"next":{json.dumps(following)}{counted}}}',
        link=None if following is None else link_behind(PATH, given, asked, following),
    )


def link_behind(path: str, given: Mapping[str, str], asked: Query, following: str) -> str:
    """Return the `Link` to the next page (RFC 8288): the same request with another cursor."""
    same = {name: value for name, value in given.items() if name != "cursor"}
    parameters = urlencode({**same, "limit": asked["limit"], "cursor": following})
    return f'<{path}?{parameters}>; rel="next"'


def _item(item: ListedSetting) -> str:
    """Return a setting of a list as JSON: its stored document, and its last test put in."""
    last_test = "null" if item.last_test is None else json.dumps(item.last_test.document())
    return f'{item.document[:-1]},"last_test":{last_test}}}'
