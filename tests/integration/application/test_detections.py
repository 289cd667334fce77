from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from events.bus.port import NotPublished, Outgoing
from events.bus.work import decode_work
from events.detection import DetectionResult
from events.messages import DetectionDispatched, DetectionReported
from services.config_api.application.relay.overdue import Overdue, dispatched_detection
from services.config_api.domain.errors import AttemptTaken, DetectionEnded, DetectionNotFound
from services.config_api.read_model.operational_tables import detection_work

if TYPE_CHECKING:
    from tests.support.relaybook import House


@dataclass
class Shelf:
    """A publisher that keeps what it is given; refuses while `away`."""

    sent: list[object] = field(default_factory=list)
    away: bool = False

    def publish(self, page: Sequence[Outgoing]) -> None:
        if self.away:
            raise NotPublished("away")
        self.sent += [decode_work(outgoing.message) for outgoing in page]

    def close(self) -> None:
        """Nothing is open."""


def overdue(house: House) -> Overdue:
    return Overdue(
        name="overdue-detections",
        bus=house.relaybook.bus,
        attempts=house.relaybook.detections.attempts,
        closing=house.relaybook.detections,
        dispatch=dispatched_detection,
        clock=house.watch,
    )


def request(house: House) -> str:
    answer = house.relaybook.detections.request("acme.example", house.ctx())
    detection_id: str = (answer.document or {})["id"]
    return detection_id


def stored(house: House, detection_id: str) -> dict[str, Any]:
    document = house.relaybook.read_model.detection(detection_id)
    assert document is not None
    return document


def test_an_unclaimed_detection_is_dispatched_again_and_at_last_closed(house: House) -> None:
    detection_id = request(house)
    duty, shelf = overdue(house), Shelf()
    house.watch.forward(seconds=30)
    duty.round(shelf)
    assert shelf.sent == [DetectionDispatched(detection_id=detection_id, attempt=1)]
    house.watch.forward(minutes=15)
    duty.round(shelf)
    document = stored(house, detection_id)
    assert (document["state"], document["attempts"]) == ("completed", 0)
    assert [note["code"] for note in document["notes"]] == ["no_tester"]
    with house.relaybook.read_engine.connect() as connection:
        assert connection.execute(select(detection_work)).all() == []


def test_a_claimed_detection_without_result_gets_two_more_attempts(house: House) -> None:
    detection_id = request(house)
    duty, shelf = overdue(house), Shelf()
    for attempt in (1, 2, 3):
        house.relaybook.detections.claim(detection_id, attempt, house.ctx())
        assert (stored(house, detection_id)["state"]) == "running"
        house.watch.forward(seconds=70)
        duty.round(shelf)
        assert stored(house, detection_id)["attempts"] == attempt
    assert shelf.sent == [
        DetectionDispatched(detection_id=detection_id, attempt=attempt) for attempt in (2, 3)
    ]
    document = stored(house, detection_id)
    assert (document["attempts"], document["notes"][0]["code"]) == (3, "deadline_exceeded")


def test_an_attempt_is_claimed_once(house: House) -> None:
    detections, detection_id = house.relaybook.detections, request(house)
    detections.claim(detection_id, 1, house.ctx())
    for attempt in (1, 2):
        with pytest.raises(AttemptTaken):
            detections.claim(detection_id, attempt, house.ctx())
    reported = DetectionReported(detection_id=detection_id, attempt=1, result=DetectionResult())
    assert detections.record(reported, house.ctx())
    assert not detections.record(reported, house.ctx())
    with pytest.raises(DetectionEnded):
        detections.claim(detection_id, 1, house.ctx())


def test_what_is_not_there_is_neither_claimed_nor_recorded(embedded_house: House) -> None:
    detections = embedded_house.relaybook.detections
    with pytest.raises(DetectionNotFound):
        detections.claim("d", 1, embedded_house.ctx())
    reported = DetectionReported(detection_id="d", attempt=1, result=DetectionResult())
    assert not detections.record(reported, embedded_house.ctx())


def test_the_end_belongs_to_the_story_of_the_request(embedded_house: House) -> None:
    detection_id = request(embedded_house)
    embedded_house.watch.forward(minutes=15)
    overdue(embedded_house).round(Shelf())
    store = embedded_house.relaybook.store
    first, last = store.read_stream(f"detection-{detection_id}")
    assert (last.actor, last.correlation_id) == ("system:relay", first.correlation_id)
    assert (last.causation_id, last.tenant) == (first.id, None)
