"""The documents that readers get: settings (contract §3) and connection tests (§5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, get_args

from msgspec import defstruct

from events.codec import json_text, to_data
from events.connection_test import Step, StepName, Warned
from events.diagnosis import render
from services.config_api.domain.connection_test import TestState
from services.config_api.domain.field_errors import title_and_hint
from services.config_api.domain.setting import SettingState
from services.config_api.domain.setting_fields import SENT

_ANSWERED: Final = (
    "host_unicode", "is_default", "origin", "version", "secret",
    "created_at", "updated_at", "updated_by",
)  # fmt: skip
_sent: Final = attrgetter(*SENT)
_Line: Final[Any] = defstruct("_Line", ["id", *SENT, *_ANSWERED])
CANCELLED = "cancelled"
RUNNING = "running"


@lru_cache(maxsize=16)  # all of an import have the same one
def instant(moment: datetime | None) -> str | None:
    """Return a moment as RFC 3339 in UTC with `Z`."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def setting_document(state: SettingState) -> dict[str, Any]:
    """Return a setting that exists as the API answers it; no secret is in it.

    Raises ValueError where there is no setting.
    """
    return to_data(_line(state))


def setting_json(state: SettingState) -> str:
    """Return the same document as JSON, from the values themselves: in a third of the time.

    Raises ValueError where there is no setting.
    """
    return json_text(_line(state))


def _line(state: SettingState) -> Any:  # noqa: ANN401 -- a class that is made from the fields
    values = state.values
    if values is None:
        raise ValueError(f"{state.setting_id} has no values")
    line = _Line(
        state.setting_id,
        *_sent(values),
        values.host_unicode,
        state.is_default,
        state.origin,
        state.version,
        values.secret,
        instant(state.created_at),
        instant(state.updated_at),
        state.updated_by,
    )
    # In one order, whether written live or from the events.
    line.session_properties = dict(sorted(values.session_properties.items()))
    return line


def test_document(state: TestState) -> dict[str, Any]:
    """Return a test that exists, with `facts` in place of `title` and `hint`.

    Raises ValueError where there is no test.
    """
    asked = state.requested
    if asked is None:
        raise ValueError(f"the test {state.test_id} was never asked for")
    return {
        "id": state.test_id,
        "setting_id": asked.setting_id,
        "setting_version": asked.setting_version,
        "draft": asked.draft is not None,
        "depth": asked.depth,
        "state": "completed" if state.ended else "queued",
        **_conclusion(state),
        "requested_by": state.requested_by,
        "requested_at": instant(state.requested_at),
        "finished_at": instant(state.finished_at),
        "attempts": state.attempts,
    }


def with_attempt(document: dict[str, Any], attempt: int | None, *, claimed: bool) -> dict[str, Any]:
    """Return what a test or detection is with the attempt at hand, None once it has ended."""
    if attempt is None:
        return document
    if claimed:
        return {**document, "state": RUNNING, "attempts": attempt}
    return {**document, "attempts": attempt - 1}  # those that were given up


def localized_test(document: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a stored test's document with its sentences in `language` (`en` or `ja`)."""
    told = dict(document)
    facts = told.pop("facts")
    title, hint = (None, None)
    if told["code"] is not None:
        title, hint = render(told["code"], facts, language)
    warnings = []
    for warning in told["warnings"]:
        warned = Warned(code=warning["code"], facts=warning["facts"])
        sentence, advice = title_and_hint(warned, language)
        warnings.append({"code": warning["code"], "title": sentence, "hint": advice})
    return {**told, "title": title, "hint": hint, "warnings": warnings}


def all_steps(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    """Return all thirteen steps in order, those that are not among `steps` as skipped."""
    known = {step.name: step for step in steps}
    return [
        to_data(known.get(name) or Step(name=name, state="skipped")) for name in get_args(StepName)
    ]


def _conclusion(state: TestState) -> dict[str, Any]:
    result = state.result
    if result is None:
        return {
            "verdict": "inconclusive" if state.cancelled else None,
            "code": CANCELLED if state.cancelled else None,
            "step": None,
            "facts": {},
            "fix": None,
            "reply": None,
            "warnings": [],
            "steps": all_steps(()),
            "server": None,
            "tls": None,
            "transcript": [],
        }
    told = to_data(result)
    return {
        **{name: told[name] for name in ("verdict", "code", "step", "facts", "fix", "reply")},
        "warnings": told["warnings"],
        "steps": all_steps(result.steps),
        "server": told["server"],
        "tls": told["tls"],
        "transcript": [
            {"from": line.sender, "text": line.text, "at_ms": line.at_ms}
            for line in result.transcript
        ],
    }
