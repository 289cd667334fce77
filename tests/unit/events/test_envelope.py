from __future__ import annotations

from uuid import UUID

import pytest

from events.envelope import Cause, new_id, stream_name, stream_of, subject_of


def test_an_id_is_a_random_uuid() -> None:
    first, second = new_id(), new_id()
    assert UUID(first).version == 4
    assert str(UUID(first)) == first != second


def test_the_product_itself_can_be_the_cause() -> None:
    cause = Cause.by_system("relay")
    assert cause.actor == "system:relay"
    assert (cause.source_ip, cause.causation_id, cause.traceparent) == (None, None, None)
    assert UUID(cause.correlation_id).version == 4
    assert cause.correlation_id != Cause.by_system("relay").correlation_id


def test_a_story_goes_on() -> None:
    assert Cause.by_system("relay", correlation_id="story-1").correlation_id == "story-1"


@pytest.mark.parametrize("tenant", ["acme", "a-b-c", "a/b", "x.y_z@1"])
def test_a_stream_is_a_subject_in_other_words(tenant: str) -> None:
    stream = stream_name("smtp_setting", tenant)
    assert stream == f"smtp_setting-{tenant}"
    assert subject_of(stream) == f"smtp_setting/{tenant}"
    assert stream_of(subject_of(stream)) == stream
