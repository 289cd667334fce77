"""One pass over a file of settings: what becomes of each, decided from its stream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import get_args

from events.codec import json_text
from events.connection_test import Warned
from events.smtp_setting import SettingEvent
from events.store.port import EventStore
from events.transfer import ImportMode
from services.config_api.application.context import Context
from services.config_api.application.import_plan import Action, ImportPlan, PlannedItem
from services.config_api.application.loading import load_settings, setting_after
from services.config_api.application.sealing import Secrets, same_secrets_of_all
from services.config_api.application.seen_ids import SeenIds
from services.config_api.application.spool import Spool
from services.config_api.domain.decide_setting import decide
from services.config_api.domain.differences import differences
from services.config_api.domain.errors import InvalidSetting
from services.config_api.domain.field_errors import FieldError
from services.config_api.domain.setting import SettingState
from services.config_api.domain.setting_commands import ImportSetting
from services.config_api.domain.setting_fields import SettingDraft, make_draft
from services.config_api.domain.setting_id import is_setting_id
from services.config_api.formats.port import ReadItem

_MOST_IGNORED = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedSetting:
    """A setting that the import changes: before and after, and the facts between."""

    draft: SettingDraft
    before: SettingState
    after: SettingState
    facts: Sequence[SettingEvent]


@dataclass(kw_only=True, slots=True)
class ImportReading:
    """Takes the items of a file in chunks and notes what becomes of them."""

    import_id: str
    mode: ImportMode
    ctx: Context
    store: EventStore
    secrets: Secrets
    known_providers: Container[str]
    has_invalid: bool = False
    _items: Spool[PlannedItem] = field(default_factory=Spool)
    _counted: Counter[str] = field(default_factory=Counter)
    _ids: SeenIds = field(default_factory=SeenIds)
    _ignored: dict[str, None] = field(default_factory=dict)

    def take(self, items: Sequence[ReadItem]) -> list[ImportedSetting]:
        """Note what becomes of up to 1,000 items; returns what the import changes with them."""
        read = [self._read(item) for item in items]
        drafts = [one for one in read if isinstance(one, _Readable)]
        imported = iter(self._decided(drafts))
        changed: list[ImportedSetting] = []
        for one in read:
            if isinstance(one, PlannedItem):
                self._note(one)
                continue
            found = next(imported)
            self._note(self._planned(found, one.warnings))
            if found.facts:
                changed.append(found)
        return changed

    def plan(self, *, dry_run: bool) -> ImportPlan:
        """Return what was found so far."""
        return ImportPlan(
            import_id=self.import_id,
            mode=self.mode,
            dry_run=dry_run,
            counts={action: self._counted[action] for action in get_args(Action)},
            items=self._items,
            ignored=tuple(self._ignored),
        )

    def _read(self, item: ReadItem) -> _Readable | PlannedItem:
        for name in islice(item.ignored, _MOST_IGNORED - len(self._ignored)):
            self._ignored[name] = None
        problems = self._problems(item)
        if not problems and item.fields is not None:
            try:
                draft = make_draft(
                    item.fields, known_providers=self.known_providers, at=self.ctx.at
                )
            except InvalidSetting as error:
                problems = error.errors
            else:
                warnings = (*item.warnings, *draft.warnings)
                return _Readable(setting_id=item.setting_id, draft=draft, warnings=warnings)
        self.has_invalid = True
        return PlannedItem(
            id=item.setting_id,
            action="invalid",
            problems=problems,
            warnings=item.warnings,
            line=item.line,
        )

    def _problems(self, item: ReadItem) -> tuple[FieldError, ...]:
        """Return what is wrong with an item; all of it, also where its ID is wrong as well."""
        problems = item.errors
        if item.setting_id and not self._ids.is_new(item.setting_id):
            problems = (*problems, FieldError(pointer="/id", code="id_repeated"))
        elif not is_setting_id(item.setting_id) and all(one.pointer != "/id" for one in problems):
            problems = (*problems, FieldError(pointer="/id", code="id_invalid"))
        if problems and not item.errors and item.fields is not None:
            problems = (*problems, *_broken_rules(item))
        return problems

    def _decided(self, drafts: Sequence[_Readable]) -> list[ImportedSetting]:
        before = load_settings(self.store, [one.setting_id for one in drafts])
        pairs = list(zip((one.draft for one in drafts), before, strict=True))
        same = same_secrets_of_all(self.secrets, pairs)
        return [
            self._decided_one(draft, state, equal)
            for (draft, state), equal in zip(pairs, same, strict=True)
        ]

    def _decided_one(
        self, draft: SettingDraft, before: SettingState, same: frozenset[str]
    ) -> ImportedSetting:
        command = ImportSetting(
            setting_id=before.setting_id,
            draft=draft,
            import_id=self.import_id,
            mode=self.mode,
            same_secrets=same,
        )
        facts = decide(command, before)
        after = setting_after(before, facts, self.ctx)
        return ImportedSetting(draft=draft, before=before, after=after, facts=facts)

    def _planned(self, imported: ImportedSetting, warnings: tuple[Warned, ...]) -> PlannedItem:
        changes = differences(imported.before.values, imported.after.values)
        return PlannedItem(
            id=imported.before.setting_id,
            action=self._action(imported),
            changes_json=json_text(changes),
            warnings=warnings,
        )

    def _note(self, item: PlannedItem) -> None:
        self._counted[item.action] += 1
        self._items.put(item)

    def _action(self, imported: ImportedSetting) -> Action:
        if imported.facts:
            return "overwrite" if imported.before.exists else "create"
        return "skip" if self.mode == "new" else "unchanged"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Readable:
    """An item that keeps the rules."""

    setting_id: str
    draft: SettingDraft
    warnings: tuple[Warned, ...]


def _broken_rules(item: ReadItem) -> tuple[FieldError, ...]:
    try:
        make_draft(item.fields or {})
    except InvalidSetting as error:
        return error.errors
    return ()
