"""The files that pages load: kept by browsers for ever, since their addresses hold their hash."""

from __future__ import annotations

import gzip
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from flask import Response, request, url_for

_STATIC: Final = Path(__file__).parent / "static"
_ICONS: Final = _STATIC / "vendor" / "tabler-icons"
#: All vendored icons in one file, so that a page names each as often as it likes.
SPRITE: Final = "icons.svg"
_A_YEAR: Final = 365 * 24 * 60 * 60
_OUTER: Final = re.compile(r"\s*<svg[^>]*>(.*)</svg>\s*", re.DOTALL)
_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """One file: its bytes as they are and compressed."""

    content: bytes
    compressed: bytes
    content_type: str
    digest: str


def asset_url(path: str) -> str:
    """Return the address of a file; raises LookupError where there is none."""
    return url_for("web.static_file", path=path, v=_known(path).digest)


def asset_response(path: str) -> Response | None:
    """Return a file as the answer to the request at hand, None where there is none."""
    try:
        found = _known(path)
    except LookupError:
        return None
    response = Response(found.content, content_type=found.content_type)
    if request.accept_encodings["gzip"] > 0:
        response.data = found.compressed
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(found.digest)
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.cache_control.max_age = _A_YEAR
    response.make_conditional(request)
    return response


def _known(path: str) -> Asset:
    if path not in _paths():
        raise LookupError(f"there is no file {path}")
    return _asset(path)


@cache
def _paths() -> frozenset[str]:
    files = {file.relative_to(_STATIC).as_posix() for file in _STATIC.rglob("*.*")}
    return frozenset(files | {SPRITE})


@cache
def _asset(path: str) -> Asset:
    content = _sprite() if path == SPRITE else (_STATIC / path).read_bytes()
    suffix = Path(path).suffix
    guessed = mimetypes.types_map.get(suffix, "application/octet-stream")
    return Asset(
        content=content,
        compressed=gzip.compress(content, mtime=0),
        content_type=_TYPES.get(suffix, guessed),
        digest=sha256(content).hexdigest()[:12],
    )


def _sprite() -> bytes:
    """Return every icon as a symbol that `<use>` names."""
    symbols = [
        f'<symbol id="{file.stem}" viewBox="0 0 24 24">{_drawn(file)}</symbol>'
        for file in sorted(_ICONS.glob("*.svg"))
    ]
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'.encode()


def _drawn(file: Path) -> str:
    found = _OUTER.fullmatch(file.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{file.name} is not one of the icons")
    return "".join(line.strip() for line in found[1].splitlines())
