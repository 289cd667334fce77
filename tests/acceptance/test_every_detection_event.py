"""Each event of a detection, from the command to what readers and receivers see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.bus.topology import CONNECTION_TEST_RESULTS, DETECTIONS
from events.bus.work import decode_work, work_outgoing
from events.detection import (
    DetectionCompleted,
    DetectionRequested,
    DetectionResult,
    Evidence,
    Proposal,
)
from events.messages import DetectionDispatched, DetectionReported
from tests.support.relaybook import eventually

if TYPE_CHECKING:
    from tests.acceptance.journey import Scene

RESULT = DetectionResult(
    proposals=(
        Proposal(
            host="smtp.acme.example",
            port=465,
            security="implicit_tls",
            evidence=(Evidence(code="usual_name"),),
        ),
    )
)


def requested(scene: Scene) -> str:
    answer = scene.house.relaybook.detections.request("ACME.example", scene.house.ctx())
    detection_id: str = (answer.document or {})["id"]
    return detection_id


def stored(scene: Scene, detection_id: str) -> dict[str, Any]:
    document = scene.house.relaybook.read_model.detection(detection_id)
    assert document is not None
    return document


def test_a_requested_detection_and_its_work(scene: Scene) -> None:
    detection_id = requested(scene)
    fact = scene.followed("detection.requested")
    assert fact == DetectionRequested(detection_id=detection_id, domain="acme.example")
    assert stored(scene, detection_id)["state"] == "queued"
    consumer = scene.house.relaybook.bus.consumer(DETECTIONS, prefetch=1)
    taken: list[object] = []

    def take(delivery: Any) -> None:
        taken.append(decode_work(delivery.message))
        delivery.ack()
        if taken[-1] == DetectionDispatched(detection_id=detection_id, attempt=1):
            consumer.stop()

    consumer.run(take)
    assert taken


def test_a_completed_detection(scene: Scene) -> None:
    detection_id = requested(scene)
    claimed = scene.house.relaybook.detections.claim(detection_id, 1, scene.house.ctx())
    assert claimed["domain"] == "acme.example"
    assert stored(scene, detection_id)["state"] == "running"
    reported = DetectionReported(detection_id=detection_id, attempt=1, result=RESULT)
    report = work_outgoing(reported, at=scene.house.watch())
    assert report.routing_key == CONNECTION_TEST_RESULTS
    publisher = scene.house.relaybook.bus.publisher()
    publisher.publish([report])
    publisher.close()
    eventually(lambda: stored(scene, detection_id)["state"] == "completed")
    fact = scene.followed("detection.completed")
    assert fact == DetectionCompleted(detection_id=detection_id, attempts=1, result=RESULT)
    assert stored(scene, detection_id)["proposals"][0]["host"] == "smtp.acme.example"
