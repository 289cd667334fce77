"""Statements of the list of settings, each built once for all questions of its kind."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import bindparam, func, literal_column, select

from events.store.sql.lookup import Lookup
from services.config_api.read_model.projections import searchable
from services.config_api.read_model.tables import last_tests, smtp_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Select

    from services.config_api.read_model.listed import SettingsQuery

Place = Literal["after", "before"] | None
_ESCAPE = "/"
_WITH_TESTS = smtp_settings.outerjoin(last_tests, last_tests.c.setting_id == smtp_settings.c.id)
_LISTED = select(
    smtp_settings.c.id,
    smtp_settings.c.document,
    smtp_settings.c.version,
    last_tests.c.test_id,
    last_tests.c.verdict,
    last_tests.c.setting_version,
    last_tests.c.finished_at,
).select_from(_WITH_TESTS)


class Kind(NamedTuple):
    """What two questions have in common whose statements differ in values only."""

    q: bool
    is_default: bool | None
    verdict: bool
    tenants: bool


def kind_of(query: SettingsQuery) -> Kind:
    """Return the kind of a question."""
    return Kind(
        q=bool(query.q),
        is_default=query.is_default,
        verdict=query.verdict is not None,
        tenants=query.tenants is not None,
    )


def values_of(query: SettingsQuery) -> dict[str, Any]:
    """Return the values of a question for the statements of its kind."""
    given = {
        "q": _escaped(searchable(query.q)) if query.q else None,
        "verdict": query.verdict,
        "tenants": None if query.tenants is None else sorted(query.tenants),
    }
    return {name: value for name, value in given.items() if value is not None}


@lru_cache(maxsize=128)
def page_statement(kind: Kind, place: Place, most: int) -> Select[Any]:
    """Return the select of a page of `most` settings, behind the ID `after` or before `before`.

    The number is in the text: PostgreSQL would otherwise make a new plan for every page, which
    takes as long as the page.
    """
    setting_id = smtp_settings.c.id
    statement = _LISTED.where(*_conditions(kind)).limit(literal_column(str(most)))
    if place == "before":
        return statement.where(setting_id < bindparam("before")).order_by(setting_id.desc())
    if place == "after":
        statement = statement.where(setting_id > bindparam("after"))
    return statement.order_by(setting_id)


@lru_cache(maxsize=128)
def page_lookup(kind: Kind, place: Place, most: int) -> Lookup:
    """Return the same for the driver; a kind with tenants has a text for each number of them."""
    return Lookup.of(page_statement(kind, place, most))


@lru_cache(maxsize=128)
def count_statement(kind: Kind) -> Select[Any]:
    """Return the select of how many settings there are."""
    return select(func.count()).select_from(_WITH_TESTS).where(*_conditions(kind))


def _conditions(kind: Kind) -> Iterator[ColumnElement[bool]]:
    if kind.q:
        yield smtp_settings.c.search.contains(bindparam("q"), escape=_ESCAPE)
    if kind.is_default is not None:
        yield smtp_settings.c.is_default.is_(kind.is_default)
    if kind.verdict:
        yield last_tests.c.verdict == bindparam("verdict")
    if kind.tenants:
        yield smtp_settings.c.id.in_(bindparam("tenants", expanding=True))


def _escaped(text: str) -> str:
    """Return a text that stands for itself in LIKE."""
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return text
