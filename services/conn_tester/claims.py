"""Claims an attempt of a test from the API, as any sending service would ask for its setting."""

from __future__ import annotations

import json
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.conn_tester.secret import Secret

_LIMIT_S: Final = 10.0
_LONGEST_ANSWER: Final = 4 * 1024 * 1024
_OK: Final = 200
_NOTHING_TO_DO: Final = frozenset({404, 409})


class ClaimUnanswered(Exception):
    """The API could not be asked or did not decide; asking again may help."""


class Claims:
    """Asks the API at `url`; proxy variables are ignored and redirects are not followed."""

    def __init__(
        self, *, url: str, token: Callable[[], Secret], tls: ssl.SSLContext | None = None
    ) -> None:
        self._url = urlsplit(url)
        self._token = token
        self._tls = tls

    def claim(self, test_id: str, attempt: int) -> dict[str, Any] | None:
        """Return the claim's answer, None where this attempt is taken or the test has ended.

        Blocks for some seconds at most; raises ClaimUnanswered.
        """
        try:
            status, body = self._post(
                f"/v1/connection-tests/{quote(test_id, safe='')}/claim", attempt
            )
        except (OSError, HTTPException) as error:
            raise ClaimUnanswered(f"{type(error).__name__}: {error}") from None
        if status in _NOTHING_TO_DO:
            return None
        if status != _OK:
            raise ClaimUnanswered(f"the API answered {status}")
        try:
            answer = json.loads(body)
        except ValueError:
            raise ClaimUnanswered("the API's answer is not JSON") from None
        if not isinstance(answer, dict):
            raise ClaimUnanswered("the API's answer is not an object")
        return answer

    def _post(self, path: str, attempt: int) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            connection.request(
                "POST",
                self._url.path + path,
                body=json.dumps({"attempt": attempt}).encode(),
                headers={
                    "Authorization": f"Bearer {self._token().reveal()}",
                    "Content-Type": "application/json",
                    "Accept": "application/json",
                },
            )
            response = connection.getresponse()
            return response.status, response.read(_LONGEST_ANSWER)
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        host = self._url.hostname or ""
        if self._url.scheme == "https":
            return HTTPSConnection(host, self._url.port, timeout=_LIMIT_S, context=self._tls)
        return HTTPConnection(host, self._url.port, timeout=_LIMIT_S)
