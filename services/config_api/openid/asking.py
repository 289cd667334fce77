"""Requests to the provider, and its answers as JSON objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from services.config_api.openid.errors import (
    ProviderForbidden,
    ProviderUnreachable,
    ProviderWrong,
)
from services.config_api.outbound.addresses import NotAllowed
from services.config_api.outbound.transport import Unreachable


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Raise what goes wrong with a request as ProviderUnreachable, -Forbidden or -Wrong."""
    try:
        yield
    except NotAllowed as error:
        raise ProviderForbidden(f"{what}: {error} may not be reached") from None
    except Unreachable as error:
        raise ProviderUnreachable(f"{what}: {error.reason}") from None
    except httpx.InvalidURL as error:
        raise ProviderWrong(f"{what}: {error}") from None


def json_object(client: httpx.Client, url: str, what: str) -> dict[str, Any]:
    """Return the JSON object at a URL.

    Raises ProviderUnreachable, ProviderForbidden; ProviderWrong for a redirect and for any other
    answer.
    """
    with asking(what):
        answer = client.get(url, headers={"Accept": "application/json"})
    if answer.status_code != httpx.codes.OK:
        raise ProviderWrong(f"{what}: status {answer.status_code}")
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError):
        raise ProviderWrong(f"{what}: not JSON") from None
    if not isinstance(found, dict):
        raise ProviderWrong(f"{what}: no JSON object")
    return found
