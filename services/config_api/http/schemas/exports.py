"""What an export is asked for with."""

from __future__ import annotations

from typing import Final

from services.config_api.formats.registry import FORMATS
from services.config_api.formats.schema import Flag, Shape, Text
from services.config_api.http.schemas.fields import Texts, choice, line
from services.config_api.http.schemas.shapes import Schema

SEALED: Final = "sealed"


class _ExportRequest(Shape):
    """Which settings, in which format, and whether their secrets come with them, sealed."""

    ids = Texts(line(), allow_none=True, load_default=None)
    format = choice(tuple(sorted(FORMATS)), required=True)
    secrets = choice(("none", SEALED), load_default="none")
    passphrase = Text(allow_none=True, load_only=True, load_default=None)
    lossy = Flag(load_default=False)


EXPORT_REQUEST = _ExportRequest()
EXPORTS: dict[str, Schema] = {"File": {"description": "A file of settings, whole."}}
