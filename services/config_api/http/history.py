"""One setting's past: its events with what each changed, and two versions side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from services.config_api.application.history import changes_between
from services.config_api.http.commands import json_response
from services.config_api.http.current import relaybook
from services.config_api.http.examples import COMPARISON, HISTORY_PAGE
from services.config_api.http.failures import no_setting, wrong
from services.config_api.http.guard import require_sight, requires
from services.config_api.http.operation import Good, Operation
from services.config_api.http.query import Query, cursor, limit, read_query, version
from services.config_api.http.resources import SMTP_SETTINGS
from services.config_api.http.schemas.parameters import cursor_text, position_from
from services.config_api.http.smtp_settings import next_link
from services.config_api.read_model.documents import instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.config_api.application.history import Version
    from services.config_api.domain.setting import SettingState

_HISTORY = Operation(
    method="GET",
    rule="/smtp-settings/<setting_id>/history",
    access=requires("reader", "auditor"),
    good=[
        Good(
            status=200,
            description="The events of the setting, newest first, also of one that is deleted.",
            schema="SettingHistory",
            headers=("Link",),
            example=HISTORY_PAGE,
        )
    ],
    problems=("not-found",),
    query=(limit(), cursor()),
)
_COMPARE = Operation(
    method="GET",
    rule="/smtp-settings/<setting_id>/compare",
    access=requires("reader", "auditor"),
    good=[
        Good(
            status=200,
            description="The fields that differ; a version after a deletion has none.",
            schema="SettingComparison",
            example=COMPARISON,
        )
    ],
    problems=("not-found",),
    query=(
        version("from", "The version to compare with."),
        version("to", "The version that is compared; it may be the earlier one."),
    ),
)


@SMTP_SETTINGS.serve(_HISTORY)
def read_smtp_setting_history(setting_id: str) -> Response:
    """List the events of a setting, newest first, each with what it changed."""
    require_sight(setting_id, no_setting(setting_id))
    asked = read_query(_HISTORY.query)
    versions = relaybook().history.versions(setting_id)
    end = _end(asked["cursor"], len(versions))
    begin = max(0, end - asked["limit"])
    items = [_item(one) for one in reversed(versions[begin:end])]
    following = None if begin == 0 else cursor_text(str(begin + 1))
    response = json_response({"items": items, "next": following})
    if following is not None:
        response.headers["Link"] = next_link(following, asked)
    return response


@SMTP_SETTINGS.serve(_COMPARE)
def compare_smtp_setting_versions(setting_id: str) -> Response:
    """Tell what differs between two versions of a setting."""
    require_sight(setting_id, no_setting(setting_id))
    asked = read_query(_COMPARE.query)
    versions = relaybook().history.versions(setting_id)
    before, after = (_state(versions, name, asked) for name in ("from", "to"))
    changes = changes_between(before, after)
    told = {"id": setting_id, "from": asked["from"], "to": asked["to"], "changes": changes}
    return json_response(told)


def _item(version: Version) -> dict[str, Any]:
    event = version.event
    return {
        "position": event.position,
        "version": event.version,
        "type": event.type,
        "id": event.id,
        "recorded_at": instant(event.recorded_at),
        "actor": event.actor,
        "source_ip": event.source_ip,
        "correlation_id": event.correlation_id,
        "causation_id": event.causation_id,
        "changes": changes_between(version.before, version.after),
    }


def _state(versions: Sequence[Version], name: str, asked: Query) -> SettingState:
    number: int = asked[name]
    if number > len(versions):
        raise wrong(f"?{name}", "no_such_version", version=number, newest=len(versions))
    return versions[number - 1].after


def _end(place: str | None, newest: int) -> int:
    """Return how many versions lie behind a cursor, which names the version before that page."""
    try:
        return newest if place is None else min(max(position_from(place) - 1, 0), newest)
    except ValueError as error:
        raise wrong("?cursor", "not_a_cursor") from error
