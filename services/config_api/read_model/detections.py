"""Detections as readers get them: from the state to the row, and from the row to sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, bindparam, select

from events.codec import json_text, to_data
from events.detection import DetectionResult
from events.diagnosis import render_evidence
from events.store.port import PutRow, RowWrite
from events.store.sql.failures import translated
from services.config_api.domain.detection import DetectionState
from services.config_api.read_model.documents import instant, with_attempt
from services.config_api.read_model.operational_tables import detection_work
from services.config_api.read_model.tables import detections

_ONE = (
    select(detections.c.document, detection_work.c.claimed_at, detection_work.c.attempt)
    .select_from(
        detections.outerjoin(detection_work, detection_work.c.detection_id == detections.c.id)
    )
    .where(detections.c.id == bindparam("wanted"))
)


def detection_document(state: DetectionState) -> dict[str, Any]:
    """Return a detection as it is stored: each piece of evidence is `{code, facts}`."""
    found = to_data(state.result or DetectionResult())
    return {
        "id": state.detection_id,
        "domain": state.domain,
        "state": "completed" if state.ended else "queued",
        "proposals": found["proposals"],
        "notes": found["notes"],
        "requested_by": state.requested_by,
        "requested_at": instant(state.requested_at),
        "finished_at": instant(state.finished_at),
        "attempts": state.attempts,
    }


def localized_detection(document: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a stored detection's document with its sentences in `language` (`en` or `ja`)."""
    proposals = [
        {**proposal, "evidence": _spoken(proposal["evidence"], language)}
        for proposal in document["proposals"]
    ]
    notes = _spoken(document["notes"], language)
    return {**document, "proposals": proposals, "notes": notes}


def _spoken(found: Sequence[Mapping[str, Any]], language: str) -> list[dict[str, str]]:
    return [
        {"code": one["code"], "title": render_evidence(one["code"], one["facts"], language)}
        for one in found
    ]


def detection_row(state: DetectionState) -> Mapping[str, Any] | None:
    """Return the row of a detection, None where there is none."""
    if not state.exists:
        return None
    return {
        "id": state.detection_id,
        "version": state.version,
        "document": json_text(detection_document(state)),
    }


def rows_for_detection(state: DetectionState) -> Sequence[RowWrite]:
    """Return what changes in the read model with a detection."""
    row = detection_row(state)
    return () if row is None else (PutRow(table=detections, values=row, newer_by="version"),)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredDetections:
    """Reads detections; raises StoreUnavailable where the database is away."""

    engine: Engine

    def by_id(self, detection_id: str) -> dict[str, Any] | None:
        """Return one detection's document, `running` while an attempt is claimed."""
        with translated(), self.engine.connect() as connection:
            row = connection.execute(_ONE, {"wanted": detection_id}).one_or_none()
        if row is None:
            return None
        claimed = row.claimed_at is not None
        return with_attempt(json.loads(row.document), row.attempt, claimed=claimed)
