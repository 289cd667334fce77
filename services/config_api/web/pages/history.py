"""The history of a setting: a timeline of its versions and tests, and two versions compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import render_template, request, url_for

from services.config_api.application.history import changes_between
from services.config_api.http.auth import current_caller
from services.config_api.http.current import relaybook
from services.config_api.http.failures import no_setting
from services.config_api.http.guard import require_sight, requires
from services.config_api.read_model.documents import instant
from services.config_api.read_model.queries import TestsQuery
from services.config_api.web.changes import change_rows, without_nothing
from services.config_api.web.event_words import event_word
from services.config_api.web.pages.frame import blueprint
from services.config_api.web.pages.test_panel import spoken_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.config_api.application.history import Version

_PAGE_SIZE: Final = 25
_MOST_TESTS: Final = 50
_VIEWS: Final = ("sides", "unified")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Span:
    """Which versions a page shows: those behind `begin` up to `end`, of all there are."""

    versions: Sequence[Version]
    begin: int
    end: int

    @property
    def shown(self) -> Sequence[Version]:
        """The versions of the page, oldest first."""
        return self.versions[self.begin : self.end]


@blueprint.get("/settings/<setting_id>/history")
@requires("reader")
def setting_history(setting_id: str) -> str:
    """Show a page of the history, newest first; `before` is the version that it lies behind."""
    require_sight(setting_id, no_setting(setting_id))
    versions = relaybook().history.versions(setting_id)
    before = request.args.get("before", type=int)
    end = len(versions) if before is None else min(max(before - 1, 0), len(versions))
    span = _Span(versions=versions, begin=max(0, end - _PAGE_SIZE), end=end)
    first = url_for("web.setting_history", setting_id=setting_id)
    return render_template(
        "history.html",
        setting_id=setting_id,
        items=_items(setting_id, span),
        newest=len(versions),
        exists=versions[-1].after.exists,
        first=first if end < len(versions) else None,
        next=f"{first}?before={span.begin + 1}" if span.begin else None,
    )


@blueprint.get("/settings/<setting_id>/compare")
@requires("reader")
def compare_versions(setting_id: str) -> str:
    """Show what differs between two versions; one that is none counts as the nearest that is."""
    require_sight(setting_id, no_setting(setting_id))
    versions = relaybook().history.versions(setting_id)
    newest = len(versions)
    right = _number("to", newest, newest)
    left = _number("from", max(1, right - 1), newest)
    view = request.args.get("view")
    sides = [_heading(versions[number - 1]) for number in (left, right)]
    changes = changes_between(versions[left - 1].after, versions[right - 1].after)
    return render_template(
        "compare.html",
        setting_id=setting_id,
        left=sides[0],
        right=sides[1],
        rows=change_rows(changes),
        newest=newest,
        exists=versions[-1].after.exists,
        view=view if view in _VIEWS else _VIEWS[0],
    )


def _items(setting_id: str, span: _Span) -> list[dict[str, Any]]:
    """Return versions and tests of a page as one timeline, newest first."""
    items = [_item(version, len(span.versions)) for version in span.shown]
    items += _tests(setting_id, span)
    return sorted(items, key=lambda item: -int(item["position"]))


def _item(version: Version, newest: int) -> dict[str, Any]:
    event, after = version.event, version.after
    begins = version.before.values is None
    rows = change_rows(changes_between(version.before, after)) if after.exists else []
    return {
        **_heading(version),
        "position": event.position,
        "source_ip": event.source_ip,
        "word": event_word(event.type),
        "begins": begins,
        "rows": without_nothing(rows) if begins else rows,
        "is_newest": event.version == newest,
    }


def _heading(version: Version) -> dict[str, Any]:
    event = version.event
    return {
        "version": event.version,
        "at": instant(event.recorded_at),
        "actor": event.actor,
        "has_values": version.after.exists,
    }


def _tests(setting_id: str, span: _Span) -> list[dict[str, Any]]:
    """Return the completed tests of what was stored, from the time that the page shows."""
    if not span.shown:
        return []
    query = TestsQuery(setting_id=setting_id, tenants=current_caller().principal.tenants)
    later = span.versions[span.end : span.end + 1]
    upper = later[0].event.position if later else None
    lower = span.shown[0].event.position if span.begin else 0
    page = relaybook().read_model.tests_page(query, before=upper, limit=_MOST_TESTS)
    return [
        {"test": spoken_test(one), "position": one.position}
        for one in page.items
        if one.position > lower and one.document["verdict"] and not one.document["draft"]
    ]


def _number(name: str, usual: int, newest: int) -> int:
    given = request.args.get(name, type=int)
    return usual if given is None else min(max(given, 1), newest)
