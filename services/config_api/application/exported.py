"""Which settings an export holds, checked as a whole before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from events.catalogue import UnknownEvent, decode
from events.envelope import Told, stream_name
from events.smtp_setting import CATEGORY, SettingValues
from events.store.port import EventStore
from services.config_api.application.loading import load_setting, load_settings
from services.config_api.domain.errors import DefaultProtected, InvalidExport
from services.config_api.domain.field_errors import FieldError, pointer_to
from services.config_api.domain.principal import Principal
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting import SettingState, evolve
from services.config_api.formats.port import Format

_CHUNK: Final = 500
_BEFORE_ID: Final = len(stream_name(CATEGORY, ""))
#: The most settings that a refusal names.
_MOST_NAMED: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportRequest:
    """What is asked for: these settings or all, and with a passphrase their secrets, sealed."""

    ids: tuple[str, ...] | None
    format: Format
    passphrase: Secret | None = None
    lossy: bool = False

    @property
    def is_sealed(self) -> bool:
        """True where the file holds secrets."""
        return self.passphrase is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Exported:
    """One setting as it was when the export chose it."""

    setting_id: str
    version: int
    values: SettingValues


class ChosenSettings:
    """The settings of an export, to be walked through once: by ID, in the order asked for.

    Without IDs these are all that the principal sees, but for defaults. What was yielded counts
    only once the end is reached, which raises InvalidExport, DefaultProtected. `count` is how many
    were yielded.
    """

    def __init__(self, store: EventStore, request: ExportRequest, principal: Principal) -> None:
        self.count = 0
        self._store = store
        self._request = request
        self._principal = principal
        self._errors: list[FieldError] = []
        self._default: str | None = None

    def __iter__(self) -> Iterator[Exported]:
        for place, state in enumerate(_states(self._store, self._request.ids)):
            values = self._exported(place, state)
            if values is not None and not self._errors:
                self.count += 1
                yield Exported(setting_id=state.setting_id, version=state.version, values=values)
        if self._errors:
            raise InvalidExport(tuple(self._errors))
        if self._default is not None and self._request.ids is not None:
            raise DefaultProtected(self._default)

    def _exported(self, place: int, state: SettingState) -> SettingValues | None:
        """Return what is exported of a setting; notes what refuses the whole."""
        values = state.values
        if values is None or not self._principal.sees(state.setting_id):
            if self._request.ids is not None:
                self._refuse(pointer_to("ids", place), "no_setting", id=state.setting_id)
            return None
        if state.is_default:
            self._default = self._default or state.setting_id
            return None
        self._check_losses(place, state.setting_id, values)
        return values

    def _check_losses(self, place: int, setting_id: str, values: SettingValues) -> None:
        lost = () if self._request.lossy else self._request.format.loses(values)
        if lost:
            named = self._request.ids is not None
            pointer = pointer_to("ids", place) if named else pointer_to("lossy")
            facts = {"id": setting_id, "format": self._request.format.name}
            self._refuse(pointer, "format_loses", fields=", ".join(lost), **facts)

    def _refuse(self, pointer: str, code: str, **facts: object) -> None:
        if len(self._errors) < _MOST_NAMED:
            self._errors.append(FieldError(pointer=pointer, code=code, facts=facts))


def _states(store: EventStore, ids: tuple[str, ...] | None) -> Iterator[SettingState]:
    if ids is None:
        yield from _all_states(store)
        return
    left = iter(ids)
    while chunk := list(islice(left, _CHUNK)):
        yield from load_settings(store, chunk)


def _all_states(store: EventStore) -> Iterator[SettingState]:
    after: str | None = None
    while newest := store.newest_of_streams(CATEGORY, after=after, limit=_CHUNK):
        for event in newest:
            yield _newest_state(store, event)
        after = newest[-1].stream


def _newest_state(store: EventStore, event: Told) -> SettingState:
    """Return what is exported of a state: each fact that is known tells the whole setting."""
    setting_id = event.stream[_BEFORE_ID:]
    fact = decode(event)
    if isinstance(fact, UnknownEvent):
        return load_setting(store, setting_id)
    return evolve(SettingState(setting_id=setting_id), event, fact)
