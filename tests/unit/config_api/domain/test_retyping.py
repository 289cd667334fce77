from __future__ import annotations

from typing import Any

import pytest

from services.config_api.domain.retyping import retyped


@pytest.mark.parametrize(
    ("path", "value", "expected", "fix"),
    [
        (("port",), "587", "integer", {"port": 587}),
        (("port",), " 587 ", "integer", {"port": 587}),
        (("timeout_ms",), "-1", "integer", {"timeout_ms": -1}),
        (("port",), "5s", "integer", None),
        (("port",), "9" * 20, "integer", None),
        (("port",), 5.5, "integer", None),
        (("port",), True, "integer", None),
        (("debug",), "True", "boolean", {"debug": True}),
        (("debug",), "yes", "boolean", None),
        (("debug",), 1, "boolean", None),
        (("auth", "user"), 5, "string", {"auth": {"user": "5"}}),
        (("auth", "user"), True, "string", {"auth": {"user": "true"}}),
        (("auth", "user"), ["a"], "string", None),
        (("auth", "password"), 12345, "string", None),
        (("session_properties", "mail.smtp.proxy.Password"), 1, "string", None),
        (("tls_protocols", 0), 1, "string", None),
        ((), "5", "integer", None),
        (("auth",), "x", "object", None),
        (("colour",), "red", None, None),
    ],
)
def test_a_value_of_another_type_has_a_fix_where_one_fits(
    path: Any, value: Any, expected: Any, fix: Any
) -> None:
    assert retyped(path, value, expected) == fix
