from __future__ import annotations

from services.config_api.domain.step_detail import detail_parts


def test_values_are_texts_and_what_says_nothing_is_left_out() -> None:
    detail = {
        "addresses": ["192.0.2.7", "192.0.2.8"],
        "port": 587,
        "verified": True,
        "banner": None,
        "names": [],
        "tls": {"version": "TLSv1.3", "bits": 256},
    }
    assert detail_parts(detail) == [
        "192.0.2.7, 192.0.2.8",
        "587",
        "version=TLSv1.3 bits=256",
    ]
    assert detail_parts(None) == []
