"""One setting of the service: where it is, its newest ETag, how it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from services.config_api.cli.language import tr
from services.config_api.cli.output import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.config_api.cli.client import Client, Reply
    from services.config_api.cli.output import Output

SETTINGS: Final = "/v1/smtp-settings"


def path_of(setting_id: str) -> str:
    """Return the path of a setting."""
    return f"{SETTINGS}/{quote(setting_id, safe='')}"


def tag_of(client: Client, setting_id: str, version: int | None) -> str | None:
    """Return the ETag to change from: the version that was named, or the newest."""
    return client.get(path_of(setting_id)).etag if version is None else f'"v{version}"'


def show(output: Output, reply: Reply) -> None:
    """Print a setting: the document itself, or a field a line."""
    if output.as_json:
        output.document(reply.document)
        return
    output.pairs({name: shown(value) for name, value in flat(reply.document)})
    for warning in reply.document.get("warnings", ()):
        output.note(tr("Warning: {words}", words=warning.get("title", warning["code"])))


def flat(document: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return fields with those of `auth` and the properties in dotted names."""
    found: list[tuple[str, Any]] = []
    for name, value in document.items():
        if name in ("auth", "session_properties"):
            found += [(f"{name}.{inner}", one) for inner, one in value.items()]
        elif name != "warnings":
            found.append((name, value))
    return found
