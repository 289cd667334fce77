"""The environment's settings, and files that are named on the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.config_api.cli.failures import Refused, WrongUsage
from services.config_api.cli.language import tr
from services.config_api.settings import InvalidSettings, Settings, read_settings

if TYPE_CHECKING:
    from services.config_api.cli.session import Session


def settings_of(session: Session) -> Settings:
    """Return the settings; raises WrongUsage with all wrong values at once."""
    try:
        return read_settings(session.environment)
    except InvalidSettings as error:
        lines = "".join(f"\n  {one.name} {one.reason}" for one in error.wrong)
        raise WrongUsage(tr("The environment cannot be used:") + lines) from error


def token_of(settings: Settings) -> str:
    """Return the bearer token: the environment's, otherwise the data dir's; raises Refused."""
    if settings.token is not None:
        return settings.token.reveal()
    try:
        return settings.admin_token_path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Refused(
            tr("There is no token: {path} cannot be read.", path=settings.admin_token_path),
            advice=tr(
                "Set RELAYBOOK_TOKEN or RELAYBOOK_TOKEN_FILE, or RELAYBOOK_DATA_DIR to the"
                " directory that `relaybook up` uses."
            ),
        ) from error


def read_bytes(path: str) -> bytes:
    """Return a file's bytes, `-` is stdin; raises WrongUsage where it cannot be read."""
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise WrongUsage(tr("{path} cannot be read: {reason}", path=path, reason=reason)) from error


def read_text(path: str) -> str:
    """Return a UTF-8 file's text, `-` is stdin; raises WrongUsage where it cannot be read."""
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise WrongUsage(tr("{path} is not UTF-8.", path=path)) from error


def read_line(path: str) -> str:
    """Return a file's text without the line's end, such as a password."""
    return read_text(path).rstrip("\r\n")


def read_document(path: str) -> dict[str, Any]:
    """Return the JSON object in a file, `-` is stdin; raises WrongUsage where it is none."""
    try:
        document = json.loads(read_bytes(path))
    except ValueError as error:
        raise WrongUsage(tr("{path} is not JSON: {reason}", path=path, reason=error)) from error
    if not isinstance(document, dict):
        raise WrongUsage(tr("{path} holds no JSON object.", path=path))
    return document
