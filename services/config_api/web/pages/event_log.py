"""The event log for auditors: found by filters, newest first, one by one, and as it grows."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import Response, render_template, request, stream_with_context, url_for

from events.bus.cloudevents import to_json
from events.catalogue import CATALOGUE
from events.envelope import stream_of, subject_of
from events.store.port import EventFilter
from services.config_api.application.newest_events import newest_events
from services.config_api.http.auth import current_caller
from services.config_api.http.current import relaybook
from services.config_api.http.follow import following
from services.config_api.http.guard import requires
from services.config_api.http.problems import Problem
from services.config_api.http.schemas.parameters import MOST_POSITION, position_from
from services.config_api.http.streams import COMMENT, event_stream
from services.config_api.read_model.documents import instant
from services.config_api.web.event_words import event_word, event_words
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.frame import blueprint
from services.config_api.web.zones import local_input, typed_instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from events.envelope import RecordedEvent

_PAGE_SIZE: Final = 50
_LONGEST: Final = 256
_MOMENTS: Final = ("since", "until")
_TEXTS: Final = ("type", "subject", "actor")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """What the address asks for; `wrong` are the fields that could not be read."""

    texts: Mapping[str, str]
    moments: Mapping[str, datetime]
    wrong: tuple[str, ...]

    @property
    def only(self) -> EventFilter:
        """Which events that means, for who asks."""
        kind, subject = self.texts.get("type"), self.texts.get("subject")
        return EventFilter(
            types=None if kind is None else frozenset({kind}),
            stream=None if subject is None else stream_of(subject),
            actor=self.texts.get("actor"),
            tenants=current_caller().principal.tenants,
            since=self.moments.get("since"),
            until=self.moments.get("until"),
        )

    @property
    def address(self) -> dict[str, Any]:
        """The same as parameters of an address, times in UTC."""
        told = {name: instant(at) or "" for name, at in self.moments.items()}
        return {**self.texts, **told}

    @property
    def shown(self) -> dict[str, str]:
        """The same as the fields of the form hold it."""
        return {**self.texts, **{name: local_input(at) for name, at in self.moments.items()}}


@blueprint.get("/events")
@requires("auditor")
def event_log() -> tuple[str, int]:
    """Show a page of events, newest first; `before` is the position that it lies before.

    `position` is that of the newest event that is wanted. With `live` the page goes
    on as events are recorded.
    """
    asked = _asked()
    before, upto = _position("before"), _position("position")
    if before is None and upto is not None:
        before = upto + 1
    live = "live" in request.args and before is None
    head = relaybook().store.head()
    page = newest_events(relaybook().store, asked.only, before=before, limit=_PAGE_SIZE)
    address = asked.address
    following_page = page.next_before
    html = render_template(
        "events.html",
        items=[_row(one) for one in page.events],
        asked=asked.shown,
        upto=upto,
        wrong=asked.wrong,
        is_filtered=bool(address) or upto is not None,
        kinds={name: event_word(name).words for name in sorted(CATALOGUE, key=_order)},
        live=url_for("web.event_stream_page", **address, after=head) if live else None,
        to_live=url_for("web.event_log", **address, live=1),
        to_page=url_for("web.event_log", **address),
        first=url_for("web.event_log", **address) if before is not None else None,
        next=url_for("web.event_log", **address, before=following_page) if following_page else None,
    )
    return html, 422 if asked.wrong else 200


@blueprint.get(f"/events/<int(max={MOST_POSITION}):position>")
@requires("auditor")
def event_page(position: int) -> str:
    """Show one event with all that is recorded of it."""
    only = EventFilter(tenants=current_caller().principal.tenants)
    page = relaybook().store.read_all(after=max(0, position - 1), limit=1, only=only)
    if not page.events or page.events[0].position != position:
        raise Problem("not-found", "no_event", facts={"position": position})
    event = page.events[0]
    head = relaybook().log.log.newest()
    return render_template(
        "event.html",
        item=_row(event),
        data=json.dumps(to_json(event), ensure_ascii=False, indent=2),
        is_sealed=head is not None and head.position >= position,
    )


@blueprint.get("/events/stream")
@requires("auditor")
def event_stream_page() -> Response:
    """Stream the rows of new events behind the position `after`, as the filters ask."""
    after = _position("after")
    position = relaybook().store.head() if after is None else after
    return event_stream(stream_with_context(_rows(_asked().only, position)))


def _rows(only: EventFilter, after: int) -> Iterator[str]:
    for events in following(only).pages(after):
        for one in events:
            html = render_template("event_row.html", item=_row(one), is_new=True)
            yield "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"
        if not events:
            yield COMMENT


def _row(event: RecordedEvent) -> dict[str, Any]:
    subject = subject_of(event.stream)
    return {
        "position": event.position,
        "type": event.type,
        "word": event_word(event.type),
        "subject": subject,
        "setting_id": _after(subject, "smtp_setting/"),
        "test_id": _after(subject, "connection_test/"),
        "version": event.version,
        "actor": event.actor,
        "source_ip": event.source_ip,
        "at": instant(event.recorded_at),
        "correlation_id": event.correlation_id,
        "causation_id": event.causation_id,
        "id": event.id,
    }


def _after(subject: str, prefix: str) -> str | None:
    return subject.removeprefix(prefix) if subject.startswith(prefix) else None


def _order(name: str) -> int:
    return list(event_words()).index(name) if name in event_words() else len(CATALOGUE)


def _asked() -> _Asked:
    """Return what the address asks for; an empty field asks for nothing."""
    given = {name: request.args.get(name, "").strip()[:_LONGEST] for name in (*_TEXTS, *_MOMENTS)}
    texts = {name: given[name] for name in _TEXTS if given[name]}
    wrong = [_("Type")] if texts.get("type", "") not in {"", *CATALOGUE} else []
    moments: dict[str, datetime] = {}
    for name, words in (("since", _("Since")), ("until", _("Until"))):
        if given[name]:
            with suppress(ValueError):
                moments[name] = typed_instant(given[name])
            wrong += [words] if name not in moments else []
    return _Asked(texts=texts, moments=moments, wrong=tuple(wrong))


def _position(name: str) -> int | None:
    with suppress(ValueError):
        return position_from(request.args.get(name, ""))
    return None
