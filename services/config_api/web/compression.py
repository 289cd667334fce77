"""Pages travel compressed; their form tokens are masked, so that their length gives nothing away.

What an attacker can make a page repeat, such as a search, would shrink where it equals a secret on
the same page (BREACH): the token, the one secret that pages hold, looks different on every page.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Final

from flask import request

if TYPE_CHECKING:
    from flask import Response

_LEAST: Final = 1024
_LEVEL: Final = 5


def compressed(response: Response) -> Response:
    """Return a page compressed where the browser takes that; anything else as it is."""
    if response.mimetype != "text/html" or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0 and (response.content_length or 0) >= _LEAST:
        response.data = gzip.compress(response.data, _LEVEL, mtime=0)
        response.content_encoding = "gzip"
    return response
