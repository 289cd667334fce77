"""What Flask answers to a request, taken whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask


class Told:
    """What an app answers to a request, taken whole."""

    def __init__(self, app: Flask, environ: dict[str, Any]) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []
        self._pieces: list[bytes] = []  # what is written by the old way, which comes first
        pieces = app(environ, self._begin)
        try:
            self.body = b"".join((*self._pieces, *pieces))
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    def _begin(
        self, status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return self._pieces.append
