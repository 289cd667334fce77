"""A setting as a document of contract §3, as files hold it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from events.smtp_setting import PASSWORD
from services.config_api.domain.auth_fields import FIELD as AUTH
from services.config_api.domain.session_properties import FIELD as PROPERTIES
from services.config_api.domain.setting_fields import fields_of
from services.config_api.formats.port import WrittenSetting

_CHUNK: Final = 65_536


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
