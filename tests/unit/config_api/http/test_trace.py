from __future__ import annotations

import re

import pytest

from services.config_api.http.trace import continued

KNOWN = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_named_trace_goes_on_under_a_new_span() -> None:
    trace = continued(f"00-{KNOWN}-00f067aa0ba902b7-01")
    assert trace.trace_id == KNOWN
    assert re.fullmatch(rf"00-{KNOWN}-[0-9a-f]{{16}}-01", trace.traceparent)
    assert "00f067aa0ba902b7" not in trace.traceparent


@pytest.mark.parametrize(
    "header",
    [None, "", "x", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"00-{KNOWN}-{'0' * 16}-01",
     f"00-{KNOWN.upper()}-00f067aa0ba902b7-01", f"00-{KNOWN}-00f067aa0ba902b7-01\n"],
)  # fmt: skip
def test_a_header_that_names_no_trace_begins_one(header: str | None) -> None:
    trace = continued(header)
    assert re.fullmatch(r"[0-9a-f]{32}", trace.trace_id)
    assert trace.trace_id not in {KNOWN, "0" * 32}


def test_two_new_traces_differ() -> None:
    assert continued(None).trace_id != continued(None).trace_id
