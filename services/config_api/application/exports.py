"""Settings as a file, with or without their secrets, in bounded memory."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import Any, Final, TypeAlias

from events.access import CredentialsRead
from events.catalogue import encode
from events.codec import fact_json, from_json
from events.envelope import new_id, stream_name
from events.smtp_setting import SettingValues
from events.store.port import EventStore, Expected, StreamAppend, Wakeup
from events.transfer import EXPORT_CATEGORY, ExportMade
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Context
from services.config_api.application.credentials import credentials_read
from services.config_api.application.exported import ChosenSettings, Exported, ExportRequest
from services.config_api.application.sealing import Secrets
from services.config_api.application.spool import Spool
from services.config_api.domain.principal import Principal
from services.config_api.formats.age import sealed
from services.config_api.formats.port import WrittenSetting

__all__ = ["ExportFile", "ExportRequest", "Exports"]

_CHUNK: Final = 500
_PIECE: Final = 64 * 1024
_IN_MEMORY: Final = 4 * 1024 * 1024
#: A setting's ID, version and values, whose JSON waits for less than they themselves.
_Kept: TypeAlias = tuple[str, int, bytes]


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
        chosen = ChosenSettings(self.store, request, principal)
        kept = _kept(chosen) if request.is_sealed else Spool[_Kept]()
        settings = map(_exported, kept) if request.is_sealed else chosen
        file = ExportFile(self._pieces(settings, request))
        made = ExportMade(
            export_id=export_id,
            format=request.format.name,
            sealed=request.is_sealed,
            setting_ids=request.ids,
            count=chosen.count,
        )
        read = (_read(setting_id, version, export_id) for setting_id, version, _ in kept)
        self.store.append(chain([_told(made)], read), cause=ctx.cause, at=ctx.at)
        self.wakeup.signal()
        return file

    def _pieces(self, settings: Iterable[Exported], request: ExportRequest) -> Iterator[bytes]:
        plain = request.format.write(self._written(settings, with_secrets=request.is_sealed))
        return plain if request.passphrase is None else sealed(plain, request.passphrase)

    def _written(
        self, settings: Iterable[Exported], *, with_secrets: bool
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


def _kept(chosen: Iterable[Exported]) -> Spool[_Kept]:
    """Return what waits until the last is chosen: no secret is opened for what is refused."""
    kept: Spool[_Kept] = Spool()
    for one in chosen:
        kept.put((one.setting_id, one.version, fact_json(one.values)))
    return kept


def _exported(kept: _Kept) -> Exported:
    setting_id, version, values = kept
    return Exported(setting_id=setting_id, version=version, values=from_json(SettingValues, values))


def _told(made: ExportMade) -> StreamAppend:
    return StreamAppend(
        stream=stream_name(EXPORT_CATEGORY, made.export_id),
        expected=Expected.NO_STREAM,
        events=[encode(made, tenant=None)],
    )


def _read(setting_id: str, version: int, export_id: str) -> StreamAppend:
    fact = CredentialsRead(
        setting_id=setting_id,
        resolved_from=setting_id,
        setting_version=version,
        export_id=export_id,
    )
    return credentials_read(fact)
