"""Files of settings: what an import would do, and doing it as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from events.catalogue import encode
from events.envelope import new_id, stream_name
from events.failpoints import reach
from events.smtp_setting import SecretRef
from events.store.port import EventStore, Expected, RowWrite, StreamAppend, Wakeup
from events.transfer import IMPORT_CATEGORY, ImportCompleted, ImportMode
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Context, KnownProviders
from services.config_api.application.import_plan import (
    Action,
    ImportAnswer,
    ImportPlan,
    PlannedItem,
)
from services.config_api.application.import_reading import ImportedSetting, ImportReading
from services.config_api.application.loading import encoded, expected_version, setting_stream
from services.config_api.application.sealing import Secrets, sealed_of_all
from services.config_api.application.spool import Spool
from services.config_api.domain.errors import ImportInvalid
from services.config_api.domain.secret_fields import secrets_to_seal
from services.config_api.formats.port import ReadItem
from services.config_api.read_model.projections import rows_for_setting

__all__ = ["Action", "ImportAnswer", "ImportPlan", "Imports", "PlannedItem"]

_CHUNK = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Imports:
    """Plans imports and carries them out, in bounded memory."""

    store: EventStore
    secrets: Secrets
    wakeup: Wakeup
    known_providers: KnownProviders

    def plan(self, items: Iterable[ReadItem], *, mode: ImportMode, ctx: Context) -> ImportPlan:
        """Return what importing these items would do; nothing is written.

        Raises MalformedFile.
        """
        reading = self._reading(mode, ctx)
        for chunk in _chunks(items):
            reading.take(chunk)
        return reading.plan(dry_run=True)

    @as_command("imports.carry_out")
    def carry_out(
        self,
        items: Iterable[ReadItem],
        *,
        format_name: str,
        mode: ImportMode,
        skip_invalid: bool,
        ctx: Context,
    ) -> ImportAnswer:
        """Import all items in one transaction.

        The file is read and decided as a whole before the transaction begins. Raises
        ImportInvalid, which carries the plan, where an item is invalid and `skip_invalid` is
        false; VersionConflict where a setting was changed meanwhile; MalformedFile.
        """
        reading = self._reading(mode, ctx)
        spool: Spool[StreamAppend] = Spool()
        for chunk in _chunks(items):
            imported = reading.take(chunk)
            if skip_invalid or not reading.has_invalid:
                self._spool(imported, spool)
        plan = reading.plan(dry_run=False)
        if reading.has_invalid and not skip_invalid:
            raise ImportInvalid(plan)
        answer = ImportAnswer(document=None, version=None, plan=plan)
        reach("import.decided")
        self.store.append(
            chain(spool, [_completed(plan, format_name)]),
            cause=ctx.cause,
            at=ctx.at,
            rows=ctx.remember(answer),
        )
        self.wakeup.signal()
        return answer

    def _reading(self, mode: ImportMode, ctx: Context) -> ImportReading:
        return ImportReading(
            import_id=new_id(),
            mode=mode,
            ctx=ctx,
            store=self.store,
            secrets=self.secrets,
            known_providers=self.known_providers(),
        )

    def _spool(self, changes: Sequence[ImportedSetting], spool: Spool[StreamAppend]) -> None:
        """Seal what is new and keep the appends for the transaction."""
        new = [(one.before.setting_id, _new_secrets(one), one.draft) for one in changes]
        for change, rows in zip(changes, sealed_of_all(self.secrets, new), strict=True):
            spool.put(_append(change, rows))


def _chunks(items: Iterable[ReadItem]) -> Iterator[list[ReadItem]]:
    left = iter(items)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk


def _append(change: ImportedSetting, sealed: Sequence[RowWrite]) -> StreamAppend:
    setting_id = change.before.setting_id
    return StreamAppend(
        stream=setting_stream(setting_id),
        expected=expected_version(change.before.version),
        events=encoded(change.facts, tenant=setting_id),
        rows=[*rows_for_setting(change.after), *sealed],
    )


def _new_secrets(change: ImportedSetting) -> dict[str, SecretRef]:
    after = change.after.values
    return {} if after is None else dict(secrets_to_seal(change.before, after))


def _completed(plan: ImportPlan, format_name: str) -> StreamAppend:
    fact = ImportCompleted(
        import_id=plan.import_id, mode=plan.mode, format=format_name, counts=dict(plan.counts)
    )
    return StreamAppend(
        stream=stream_name(IMPORT_CATEGORY, plan.import_id),
        expected=Expected.NO_STREAM,
        events=[encode(fact, tenant=None)],
    )
