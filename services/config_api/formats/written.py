"""A setting as a document of contract §3, as files hold it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any, Final

from msgspec import UNSET, defstruct

from events.codec import spaced_json
from events.smtp_setting import PASSWORD
from services.config_api.domain.auth_fields import FIELD as AUTH
from services.config_api.domain.session_properties import FIELD as PROPERTIES
from services.config_api.domain.setting_fields import SENT, fields_of
from services.config_api.formats.port import WrittenSetting

_CHUNK: Final = 65_536
#: The host as it was typed stands behind the host itself.
_NAMES: Final = tuple(
    name for one in SENT for name in ((one, "host_unicode") if one == "host" else (one,))
)
_told: Final = attrgetter(*_NAMES)
_Line: Final[Any] = defstruct("_Line", [("id", str), *((name, Any) for name in _NAMES)])


def written_document(setting: WrittenSetting) -> dict[str, Any]:
    """Return the whole document, with the secrets that go into the file.

    `host_unicode` is in it where the host was typed in another form.
    """
    values, secrets = setting.values, setting.secrets
    fields = fields_of(values)
    typed = {} if values.host_unicode == values.host else {"host_unicode": values.host_unicode}
    document = {"id": setting.setting_id, "host": fields.pop("host"), **typed, **fields}
    if PASSWORD in secrets:
        document[AUTH][PASSWORD] = secrets[PASSWORD].reveal()
    document[PROPERTIES] = document[PROPERTIES] | {
        name: secret.reveal() for name, secret in secrets.items() if name != PASSWORD
    }
    return document


def written_json(setting: WrittenSetting) -> str:
    """Return the same document as JSON, as people read it in a line.

    Without secrets it is made of the values themselves, in a fifth of the time.
    """
    if setting.secrets:
        return spaced_json(written_document(setting))
    values = setting.values
    line = _Line(setting.setting_id, *_told(values))
    if values.host_unicode == values.host:
        line.host_unicode = UNSET
    return spaced_json(line)


def encoded_chunks(texts: Iterable[str]) -> Iterator[bytes]:
    """Return many short texts as fewer chunks of UTF-8."""
    waiting: list[str] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= _CHUNK:
            yield "".join(waiting).encode()
            waiting.clear()
            size = 0
    if waiting:
        yield "".join(waiting).encode()
