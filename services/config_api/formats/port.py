"""What a file format promises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from events.connection_test import Warned
from events.smtp_setting import SettingValues
from services.config_api.domain.field_errors import FieldError
from services.config_api.domain.secret import Secret
from services.config_api.formats.malformed import MalformedFile

__all__ = ["Format", "MalformedFile", "ReadItem", "WrittenSetting"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadItem:
    """One setting of a file as it was read, not yet checked by the rules of contract §3.

    `fields` is what `make_draft` takes, None where `errors` say why it could not be read; then
    they hold what breaks the rules of its other fields, too.
    `setting_id` is empty where the file has none. `ignored` are the places of the file, since the
    item before, that the product has no field for; each place is named once a file. `line` is
    where it begins in the file, from 1.
    """

    setting_id: str
    fields: Mapping[str, Any] | None
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[Warned, ...] = ()
    ignored: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenSetting:
    """One setting that goes into a file; `secrets` by field, empty where they stay out."""

    setting_id: str
    values: SettingValues
    secrets: Mapping[str, Secret] = field(default_factory=dict)


class Format(Protocol):
    """A file format of settings."""

    @property
    def name(self) -> str:
        """How the format is asked for: `javamail`."""
        ...

    @property
    def content_type(self) -> str:
        """Its media type."""
        ...

    def read(self, stream: BinaryIO) -> Iterator[ReadItem]:
        """Return the settings of a file one by one, in bounded memory; raises MalformedFile.

        Whether an ID occurs twice is for whoever keeps them.
        """
        ...

    def write(self, settings: Iterable[WrittenSetting]) -> Iterator[bytes]:
        """Return the file of these settings in chunks, in bounded memory; no setting is a file too.

        What `loses` names is left out.
        """
        ...

    def loses(self, values: SettingValues) -> tuple[str, ...]:
        """Return the JSON pointers of the fields that are set and have no place in this format."""
        ...
