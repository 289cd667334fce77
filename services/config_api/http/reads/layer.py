"""Answers reads of settings in front of Flask, with Flask's own answer, while it is still true.

A setting or a page whose answer is not kept is read from rows, under the headers of another answer.
Whatever the layer is not sure of goes to Flask: other requests, unknown tokens, refusals, and what
may have changed. So everything that is refused or recorded is so in one place.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, Final

from events.store.sql.board.topics import EVERYTHING, TOKENS
from services.config_api.http.etags import names
from services.config_api.http.incoming import EXTENSION as ARRIVALS
from services.config_api.http.metrics import EXTENSION, UNCOUNTED
from services.config_api.http.reads.asked import (
    ONE,
    ROUTES,
    Asked,
    asked_by,
    host_of,
    is_plain,
)
from services.config_api.http.reads.follower import Follower
from services.config_api.http.reads.heads import Heads, heads_of, link_in, tag_in, version_in
from services.config_api.http.reads.rows import Rows
from services.config_api.http.reads.shelf import Kept, Shelf
from services.config_api.http.reads.tokens import EXTENSION as KNOWN_TOKENS
from services.config_api.http.reads.told import Told
from services.config_api.http.setting_pages import PATH
from services.config_api.http.trace import trace_id_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse
    from flask import Flask

    from services.config_api.bootstrap import Relaybook
    from services.config_api.http.metrics import Metrics
    from services.config_api.http.reads.tokens import Known, KnownTokens

    Environ = dict[str, Any]
    Answer = Iterable[bytes]
    PageKey = tuple[str, frozenset[str] | None]

_OK: Final = "200 OK"
_UNMODIFIED: Final = "304 NOT MODIFIED"
_MOST_HOSTS: Final = 256
_MOST_HEADS: Final = 1024
#: The part of the memory that pages of the list may take, which are much larger than settings.
_FOR_PAGES: Final = 1 / 8


class ReadLayer:
    """A WSGI application around Flask's; `start` begins to keep answers, up to `most_bytes`.

    One that was not started keeps none.
    """

    def __init__(self, app: Flask, service: Relaybook, most_bytes: int) -> None:
        self._app = app
        self._sight = service.sight
        self._clock = service.clock
        self._uses = service.access.uses
        for_pages = int(most_bytes * _FOR_PAGES)
        #: Answers about one setting by their path.
        self.shelf: Shelf[str] = Shelf(most_bytes - for_pages)
        #: Pages of the list by their query, and by whom the asker sees.
        self.pages: Shelf[PageKey] = Shelf(for_pages)
        self.tokens: KnownTokens = app.extensions[KNOWN_TOKENS]
        self.follower = Follower(service.store, self.shelf, self.pages, self.tokens)
        self._hosts: set[tuple[str | None, str | None]] = set()
        self._heads: dict[Heads, Heads] = {}
        self._rows = Rows(service.read_model, self.tokens, app.extensions[ARRIVALS])
        #: Those of answers by route and by whether they have a link, once Flask has given one.
        self._taught: dict[str, dict[bool, Heads]] = {ONE: {}, PATH: {}}
        figures: Metrics = app.extensions[EXTENSION]
        figures.keeping.set_function(lambda: self.keeps)
        self._figures = {route: figures.requests.of(route, "GET") for route in ROUTES}

    def start(self) -> None:
        """Begin to keep answers."""
        self._sight.start()
        self.follower.start()

    @property
    def keeps(self) -> bool:
        """Whether it is sure to hear of changes now, so that answers are kept."""
        return self._sight.until > monotonic()

    def close(self) -> None:
        """Keep nothing any more; Flask goes on."""
        self.follower.close()
        self._sight.close()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Answer:
        began = perf_counter()
        if not is_plain(environ):
            return self._app(environ, start_response)
        told = kept = self._kept(environ)
        if told is None:
            asked = asked_by(environ["PATH_INFO"], environ["QUERY_STRING"])
            told = None if asked is None else self._read(asked, environ)
            if told is None:
                return self._by_flask(asked, environ, start_response)
        figures = self._figures[told.asked.route]
        trace_id = trace_id_of(environ.get("HTTP_TRACEPARENT"))
        wanted = environ.get("HTTP_IF_NONE_MATCH")
        if wanted is not None and told.tag and names(wanted, told.tag[1:-1]):
            headers = told.heads.unmodified.filled(told.tag, told.link, trace_id, 0)
            start_response(_UNMODIFIED, headers)
            figures.take("304", perf_counter() - began, kept is not None)
            return []
        headers = told.heads.found.filled(told.tag, told.link, trace_id, len(told.body))
        start_response(_OK, headers)
        figures.take("200", perf_counter() - began, kept is not None)
        return [told.body]

    def _kept(self, environ: Environ) -> Kept | None:
        """Return the kept answer to a request if Flask would answer the same now."""
        known = self.tokens.find(environ.get("HTTP_AUTHORIZATION"))
        if known is None:
            return None
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        if path == PATH:
            kept = self.pages.find((query, known.principal.tenants))
        else:
            kept = None if query else self.shelf.find(path)
        return kept if kept is not None and self._may_answer(kept, known, environ) else None

    def _may_answer(self, kept: Kept, known: Known, environ: Environ) -> bool:
        """Tell whether Flask would answer the same now, and note the use of the token if so."""
        if not known.reads:
            return False
        if kept.asked.tenant is not None and not known.principal.sees(kept.asked.tenant):
            return False
        if host_of(environ) not in self._hosts or not self._is_fresh(kept, known):
            return False
        now = self._clock()
        if not known.token.holds(now):
            return False
        self._uses.note(known.token.id, now)
        return True

    def _is_fresh(self, kept: Kept, known: Known) -> bool:
        """Tell whether nothing was posted since an answer was read, and its token."""
        if self._sight.until <= monotonic():
            return False
        counters = self._sight.board.file.counters
        everything = counters[EVERYTHING]
        own, other = kept.asked.topics
        return (
            kept.posted == (everything, counters[own], counters[other])
            and known.posted == (everything, counters[TOKENS])
        )  # fmt: skip

    def _read(self, asked: Asked, environ: Environ) -> Kept | None:
        """Return the answer as rows are now; None where it takes Flask."""
        taught = self._taught.get(asked.route)
        if not taught or host_of(environ) not in self._hosts:
            return None
        posted = self._posted(asked)
        found = self._rows.find(asked, environ)
        heads = None if found is None else taught.get(bool(found.link))
        if found is None or heads is None:
            return None
        read = Kept(
            asked=asked,
            heads=heads,
            body=found.body,
            posted=posted or (),
            tag=found.tag,
            link=found.link,
            source=asked.tenant or "",
            version=found.version,
        )
        if posted is not None:
            self._put(read, environ)
        return read

    def _posted(self, asked: Asked) -> tuple[int, ...] | None:
        """Return what the board tells of what is asked for; None where the answer is not kept."""
        return self._sight.board.look(asked.topics) if self.keeps else None

    def _by_flask(
        self, asked: Asked | None, environ: Environ, start_response: StartResponse
    ) -> Answer:
        learns = asked is not None and (self.keeps or asked.route in self._taught)
        if asked is None or not learns or "HTTP_AUTHORIZATION" not in environ:
            return self._app(environ, start_response)
        return self._learning(asked, environ, start_response)

    def _learning(self, asked: Asked, environ: Environ, start_response: StartResponse) -> Answer:
        """Let Flask answer, and keep what it answers if nothing is under way meanwhile."""
        posted = self._posted(asked)
        whole = _without_condition(environ)
        told = Told(self._app, environ)
        start_response(told.status, told.headers)
        if told.status == _OK and asked.route in self._taught:
            has_link = bool(link_in(told.headers))
            self._taught[asked.route][has_link] = self._shared(heads_of(told.headers))
        if told.status in {_OK, _UNMODIFIED}:
            self._learn_host(environ)
            if posted is not None:
                whole_told = told if told.status == _OK else Told(self._app, whole)
                self._keep(asked, posted, whole_told, environ)
        return [told.body]

    def _learn_host(self, environ: Environ) -> None:
        if len(self._hosts) < _MOST_HOSTS:
            self._hosts.add(host_of(environ))

    def _keep(self, asked: Asked, posted: tuple[int, ...], told: Told, environ: Environ) -> None:
        if told.status != _OK:
            return
        heads, tag = self._shared(heads_of(told.headers)), tag_in(told.headers)
        kept = Kept(
            asked=asked, heads=heads, body=told.body, posted=posted, link=link_in(told.headers)
        )
        about = None if asked.tenant is None else version_in(tag, asked.tenant)
        if about is not None:
            kept = replace(kept, tag=tag, source=about[0], version=about[1])
        if about is not None or asked.tenant is None:
            self._put(kept, environ)

    def _put(self, kept: Kept, environ: Environ) -> None:
        """Keep an answer: a setting's by its path, a page by its query and whom its asker sees."""
        if kept.asked.tenant is not None:
            self.shelf.put(environ["PATH_INFO"], kept)
            return
        known = self.tokens.find(environ.get("HTTP_AUTHORIZATION"))
        if known is not None:
            self.pages.put((environ["QUERY_STRING"], known.principal.tenants), kept)

    def _shared(self, heads: Heads) -> Heads:
        """Return heads that many answers have in common as one object."""
        if len(self._heads) >= _MOST_HEADS:
            self._heads.clear()
        return self._heads.setdefault(heads, heads)


def _without_condition(environ: Environ) -> Environ:
    """Return a request as it would be from somebody who has nothing yet; nobody counts it."""
    return {name: value for name, value in environ.items() if name != "HTTP_IF_NONE_MATCH"} | {
        UNCOUNTED: True
    }
