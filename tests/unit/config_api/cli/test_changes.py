from __future__ import annotations

from typing import Any

import pytest

from services.config_api.cli.changes import diff_lines, field_name

PEM = "-----BEGIN-----\n{}\n-----END-----\n"


def change(path: str, before: Any, after: Any) -> dict[str, Any]:
    return {"path": path, "before": before, "after": after}


@pytest.mark.parametrize(
    ("one", "lines"),
    [
        (change("/port", 25, 587), ["-port: 25", "+port: 587"]),
        (change("/auth/user", None, "mailer"), ["+auth.user: mailer"]),
        (change("/x_mailer", "a", None), ["-x_mailer: a"]),
        (change("/debug", False, True), ["-debug: false", "+debug: true"]),
        (change("/tls_protocols", [], ["TLSv1.3"]), ['+tls_protocols: ["TLSv1.3"]']),
        (change("/host", "a\x1b[31m", "b"), ["-host: a\\x1b[31m", "+host: b"]),
    ],
)
def test_a_field_is_shown_as_a_unified_diff(one: dict[str, Any], lines: list[str]) -> None:
    assert list(diff_lines(one)) == lines


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ({"version": 1}, {"version": 2}, "+auth.password: changed"),
        (None, {"version": 1}, "+auth.password: changed"),
        ({"version": 1}, None, "-auth.password: removed"),
    ],
)
def test_a_secret_is_only_said_to_be_changed(before: Any, after: Any, line: str) -> None:
    assert list(diff_lines(change("/auth/password", before, after))) == [line]


def test_of_a_long_text_the_lines_that_differ_are_shown() -> None:
    lines = list(diff_lines(change("/ca_pem", PEM.format("AAAA"), PEM.format("BBBB"))))
    assert lines == ["   -----BEGIN-----", "-  AAAA", "+  BBBB", "   -----END-----"]


def test_a_pointer_is_named_as_people_name_a_field() -> None:
    assert (
        field_name("/session_properties/mail.smtp.a~1b~0c") == "session_properties.mail.smtp.a/b~c"
    )
