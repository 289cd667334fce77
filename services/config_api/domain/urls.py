"""URLs that the service itself calls: what one may look like, wherever it leads."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from services.config_api.domain.host import HostRefused, read_host


def reason_against(url: str) -> str | None:
    """Return why a URL cannot be that of an endpoint, a word of `domain.reasons`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "syntax"
    if parts.scheme not in {"https", "http"} or not parts.hostname or not _is_plain(url):
        return "syntax"
    if parts.username is not None or parts.password is not None:
        return "credentials"
    if parts.fragment or "#" in url:
        return "fragment"
    if port == 0 or not _is_host(parts):
        return "host"
    return None


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and not set(url) & set(" \\<>\"'`{}|^")


def _is_host(parts: SplitResult) -> bool:
    try:
        read_host(parts.hostname or "")
    except HostRefused:
        return False
    return True
