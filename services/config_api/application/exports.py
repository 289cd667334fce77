"""Settings as a file, with or without their secrets, in bounded memory."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from events.access import CredentialsRead
from events.catalogue import encode
from events.envelope import new_id, stream_name
from events.smtp_setting import SettingValues
from events.store.port import EventStore, Expected, StreamAppend, Wakeup
from events.transfer import EXPORT_CATEGORY, ExportMade
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Context
from services.config_api.application.credentials import credentials_read
from services.config_api.application.exported import Exported, ExportRequest, chosen_settings
from services.config_api.application.sealing import Secrets
from services.config_api.application.spool import Spool
from services.config_api.domain.principal import Principal
from services.config_api.formats.age import sealed
from services.config_api.formats.port import WrittenSetting

__all__ = ["ExportFile", "ExportRequest", "Exports"]

_CHUNK: Final = 500
_PIECE: Final = 64 * 1024
_IN_MEMORY: Final = 4 * 1024 * 1024


class ExportFile:
    """A whole file, ready to be sent: sealed, or without secrets; `size` is in bytes.

    What keeps it goes with it, or earlier by `close`.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 -- closed with the object
        weakref.finalize(self, self._file.close)
        self.size = sum(map(self._file.write, pieces))

    def pieces(self) -> Iterator[bytes]:
        """Return the file from its beginning, piece by piece."""
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Exports:
    """Makes files of settings, never of defaults; every export is told before it leaves."""

    store: EventStore
    secrets: Secrets
    wakeup: Wakeup

    @as_command("exports.make")
    def make(self, request: ExportRequest, principal: Principal, ctx: Context) -> ExportFile:
        """Return the file; the events that tell of it are recorded by then.

        A secret that is held no longer is left out. Raises InvalidExport for an unknown ID or for
        what the format has no place for, DefaultProtected, SealBroken; nothing is recorded then.
        """
        export_id = new_id()
        settings = chosen_settings(self.store, request, principal)
        file = ExportFile(self._pieces(settings, request))
        self.store.append(_told(export_id, settings, request), cause=ctx.cause, at=ctx.at)
        self.wakeup.signal()
        return file

    def _pieces(self, settings: Spool[Exported], request: ExportRequest) -> Iterator[bytes]:
        plain = request.format.write(self._written(settings, with_secrets=request.is_sealed))
        return plain if request.passphrase is None else sealed(plain, request.passphrase)

    def _written(
        self, settings: Spool[Exported], *, with_secrets: bool
    ) -> Iterator[WrittenSetting]:
        left = iter(settings)
        while chunk := list(islice(left, _CHUNK)):
            if with_secrets:
                yield from self._with_secrets(chunk)
            else:
                yield from (_written(one.setting_id, one.values) for one in chunk)

    def _with_secrets(self, chunk: Sequence[Exported]) -> Iterator[WrittenSetting]:
        exported = [(one.setting_id, one.values) for one in chunk]
        refs = [(owner, ref) for owner, values in exported for ref in values.secrets.values()]
        held = self.secrets.open_all(refs)
        for setting_id, values in exported:
            named = values.secrets.items()
            secrets = {field: held[ref] for field, ref in named if ref in held}
            yield _written(setting_id, values, secrets=secrets)


def _written(setting_id: str, values: SettingValues, **more: Any) -> WrittenSetting:  # noqa: ANN401 -- its secrets
    return WrittenSetting(setting_id=setting_id, values=values, **more)


def _told(
    export_id: str, settings: Spool[Exported], request: ExportRequest
) -> Iterator[StreamAppend]:
    """Return the export itself, then, where it holds secrets, each setting."""
    made = ExportMade(
        export_id=export_id,
        format=request.format.name,
        sealed=request.is_sealed,
        setting_ids=request.ids,
        count=len(settings),
    )
    first = StreamAppend(
        stream=stream_name(EXPORT_CATEGORY, export_id),
        expected=Expected.NO_STREAM,
        events=[encode(made, tenant=None)],
    )
    read = (_read(one, export_id) for one in settings) if request.is_sealed else ()
    return chain([first], read)


def _read(setting: Exported, export_id: str) -> StreamAppend:
    fact = CredentialsRead(
        setting_id=setting.setting_id,
        resolved_from=setting.setting_id,
        setting_version=setting.version,
        export_id=export_id,
    )
    return credentials_read(fact)
