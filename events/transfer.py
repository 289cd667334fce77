"""Facts about files of settings; streams `import-<id>` and `export-<id>`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

IMPORT_CATEGORY = "import"
EXPORT_CATEGORY = "export"

ImportMode = Literal["new", "update"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportCompleted:
    """An import was carried out as a whole; `counts` is by action (contract, section 8)."""

    TYPE: ClassVar[str] = "import.completed"
    SCHEMA_VERSION: ClassVar[int] = 1

    import_id: str
    mode: ImportMode
    format: str
    counts: dict[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportMade:
    """Settings left as a file; written before the first byte of the answer.

    `setting_ids` are those that were chosen, None where all were asked for; `count` is how many
    the file holds. `sealed` files hold the secrets.
    """

    TYPE: ClassVar[str] = "export.made"
    SCHEMA_VERSION: ClassVar[int] = 1

    export_id: str
    format: str
    sealed: bool
    setting_ids: tuple[str, ...] | None
    count: int


TransferEvent = ImportCompleted | ExportMade
