"""What lists of settings ask and answer, whether they read the rows of now or the events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from events.connection_test import Verdict
from services.config_api.read_model.documents import instant


@dataclass(frozen=True, kw_only=True, slots=True)
class LastTest:
    """The last completed test of a stored setting; `version` is the one that was tested."""

    id: str
    verdict: Verdict
    version: int
    finished_at: datetime

    def document(self) -> dict[str, Any]:
        """Return it as it stands in a setting's `last_test`."""
        return {
            "id": self.id,
            "verdict": self.verdict,
            "version": self.version,
            "finished_at": instant(self.finished_at),
        }


class ListedSetting(NamedTuple):
    """A setting in a list: a tuple, for a page makes many."""

    id: str
    document: str
    version: int
    last_test: LastTest | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingsQuery:
    """Which settings; every field that is not None must hold. `tenants` is a reader's limit."""

    q: str | None = None
    is_default: bool | None = None
    verdict: Verdict | None = None
    tenants: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingsPage:
    """Settings by id in code point order; `next_id` is the `after_id` of the next page or None."""

    items: list[ListedSetting]
    next_id: str | None
