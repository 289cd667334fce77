"""The service's HTTP API as the commands use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import httpx

from services.config_api.cli.configured import settings_of, token_of
from services.config_api.cli.failures import NotReachable
from services.config_api.cli.language import current, tr
from services.config_api.cli.refusals import failure_of
from services.config_api.cli.sse import ServerSentEvent, read_events

if TYPE_CHECKING:
    from services.config_api.cli.session import Session

_TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
_FILE_TIMEOUT: Final = httpx.Timeout(1_800.0, connect=5.0)
_STREAM_QUIET_S: Final = 60.0
_WRITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def connect(session: Session, *, patience_s: float | None = None) -> Client:
    """Return the service of this environment; connects at the first request.

    `patience_s` bounds each wait for it in seconds, the usual bounds hold without.
    """
    settings = settings_of(session)
    timeout = _TIMEOUT if patience_s is None else httpx.Timeout(patience_s)
    return Client(settings.url, token_of(settings), language=current(), timeout=timeout)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """A good answer: its JSON document (None where there is no body) and its ETag."""

    status: int
    document: Any
    etag: str | None


class Client:
    """Asks one service with one token.

    Every method raises NotReachable (no answer, or 503), Refused (4xx, with the problem document)
    or Internal (another 5xx). Proxy variables of the environment are ignored: the service is on
    this network, and its token must not travel through somebody else's host.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        language: str = "en",
        transport: httpx.BaseTransport | None = None,
        timeout: httpx.Timeout = _TIMEOUT,
    ) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        self._http = httpx.Client(
            base_url=self.url, headers=headers, timeout=timeout, trust_env=False,
            transport=transport,
        )  # fmt: skip

    def get(self, path: str, **params: object) -> Reply:
        """Read a document; parameters that are None are left out."""
        return self._send("GET", path, params=params)

    def text(self, path: str, **params: object) -> str:
        """Read a text."""
        answer = self._good(self._http.build_request("GET", path, params=_given(params)))
        return answer.text

    def write(
        self,
        method: str,
        path: str,
        document: object = None,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> Reply:
        """Send a command with an idempotency key, once more if its answer was lost."""
        headers = _given({"If-Match": if_match, "If-None-Match": if_none_match})
        return self._send(method, path, document=document, headers=headers)

    @contextmanager
    def exchange(
        self,
        path: str,
        *,
        document: object = None,
        content: Callable[[], Iterator[bytes]] | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, object] | None = None,
    ) -> Iterator[httpx.Response]:
        """POST, and open the answer, good or bad, to be read in pieces.

        `content` yields a file from its beginning each time that it is called.
        """

        def request() -> httpx.Request:
            return self._http.build_request(
                "POST",
                path,
                params=_given(params or {}),
                headers={**(headers or {}), **key},
                json=document,
                content=content() if content else None,
                timeout=_FILE_TIMEOUT,
            )

        key = {"Idempotency-Key": str(uuid4())}
        with self._failures(), closing(self._answer(request, stream=True)) as answer:
            yield answer

    def pages(self, path: str, *, most: int | None = None, **params: object) -> Iterator[Any]:
        """Yield the items of a paged list, at most `most`."""
        left = most
        while True:
            page = self.get(path, **params).document
            for item in page["items"]:
                if left == 0:
                    return
                yield item
                left = None if left is None else left - 1
            if not page["items"] or page["next"] is None or left == 0:
                return
            params = {**params, "cursor": page["next"]}

    def lines(self, path: str, **params: object) -> Iterator[str]:
        """Yield the lines of a stream of JSON documents to its end."""
        headers = {"Accept": "application/x-ndjson"}
        with (
            self._failures(),
            self._http.stream("GET", path, headers=headers, params=_given(params)) as answer,
        ):
            require_good(answer)
            yield from filter(None, answer.iter_lines())

    @contextmanager
    def stream(
        self, path: str, *, last_id: str | None = None, **params: object
    ) -> Iterator[Iterator[ServerSentEvent]]:
        """Open a stream of server-sent events."""
        headers = {"Accept": "text/event-stream"}
        if last_id is not None:
            headers["Last-Event-ID"] = last_id
        timeout = httpx.Timeout(_STREAM_QUIET_S, connect=5.0)
        with (
            self._failures(),
            self._http.stream(
                "GET", path, headers=headers, timeout=timeout, params=_given(params)
            ) as answer,
        ):
            require_good(answer)
            yield read_events(answer.iter_lines())

    def _send(
        self,
        method: str,
        path: str,
        *,
        document: object = None,
        params: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        key = {"Idempotency-Key": str(uuid4())} if method in _WRITING else {}
        answer = self._good(
            self._http.build_request(
                method,
                path,
                params=_given(params or {}),
                headers={**(headers or {}), **key},
                json=document,
            )
        )
        body = answer.json() if answer.content else None
        return Reply(status=answer.status_code, document=body, etag=answer.headers.get("ETag"))

    def _good(self, request: httpx.Request) -> httpx.Response:
        with self._failures():
            answer = self._answer(lambda: request)
        if answer.is_error:
            raise failure_of(answer)
        return answer

    def _answer(
        self, request: Callable[[], httpx.Request], *, stream: bool = False
    ) -> httpx.Response:
        try:
            return self._http.send(request(), stream=stream)
        except (httpx.ReadError, httpx.RemoteProtocolError):
            # The answer was lost; the key makes a second try safe.
            return self._http.send(request(), stream=stream)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise NotReachable(
                tr("The service at {url} does not answer.", url=self.url),
                advice=tr(
                    "Is `relaybook up` or `relaybook serve` running there? RELAYBOOK_URL says where"
                    " to look."
                ),
            ) from error


def require_good(answer: httpx.Response) -> None:
    """Raise what a bad answer that was opened means; it is read for that."""
    if answer.is_error:
        answer.read()
        raise failure_of(answer)


def _given(params: Mapping[str, object]) -> dict[str, str]:
    return {name: _spelled(value) for name, value in params.items() if value is not None}


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
