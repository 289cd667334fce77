"""What a connection test shows: verdict, what to change, steps, and what the server said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from events.codec import to_data
from services.config_api.domain.step_detail import detail_parts
from services.config_api.http.auth import current_caller
from services.config_api.http.current import relaybook
from services.config_api.http.failures import no_test
from services.config_api.http.guard import require_sight
from services.config_api.read_model.documents import localized_test
from services.config_api.read_model.queries import TestsQuery
from services.config_api.web.i18n import language
from services.config_api.web.words import depths, field_name, step_names, step_states, value_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.config_api.read_model.queries import StoredTest

_PAST: Final = 8


def seen_test(test_id: str) -> StoredTest:
    """Return a test that the reader may see; raises Problem `not-found`."""
    found = relaybook().read_model.test(test_id)
    if found is None:
        raise no_test(test_id)
    require_sight(found.setting_id, no_test(test_id))
    return found


def panel_of(test_id: str, live: Iterable[Any] = ()) -> dict[str, Any]:
    """Return what the panel shows; `live` are the steps so far of an attempt that runs."""
    stored = seen_test(test_id)
    test = spoken_test(stored)
    running = test["state"] != "completed"
    steps = list(map(to_data, live)) if running else test["steps"]
    longest = max((step["duration_ms"] or 0 for step in steps), default=0)
    return {
        "test": test,
        "running": running,
        "steps": [_step(step, longest) for step in steps],
        "total_ms": sum(step["duration_ms"] or 0 for step in steps),
        "fixes": _fixes(test["fix"]),
        "step_names": step_names(),
        "step_states": step_states(),
        "depths": depths(),
        "past": _past(stored),
    }


def spoken_test(stored: StoredTest) -> dict[str, Any]:
    """Return a test with its sentences in the reader's language."""
    return localized_test(stored.document, language())


def _step(step: Mapping[str, Any], longest: float) -> dict[str, Any]:
    """Return a step with its words, and its share of the longest in tenths."""
    tenths = round(10 * (step["duration_ms"] or 0) / longest) if longest else 0
    return {**step, "words": " · ".join(detail_parts(step["detail"])), "tenths": tenths}


def _fixes(fix: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Return each field of a suggested change with the value that it would have."""
    found = []
    for name, value in (fix or {}).items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        for own, each in inner:
            pointer = f"/{name}/{own}" if own else f"/{name}"
            found.append({"name": field_name(pointer), "value": value_word(each, pointer)})
    return found


def _past(stored: StoredTest) -> list[dict[str, Any]]:
    """Return the tests of a setting before this one, newest first."""
    if stored.setting_id is None:
        return []
    query = TestsQuery(setting_id=stored.setting_id, tenants=current_caller().principal.tenants)
    page = relaybook().read_model.tests_page(query, before=stored.position, limit=_PAST)
    return [spoken_test(one) for one in page.items]
