"""Signatures of webhooks: the specification's own example, and the reference library."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from services.config_api.domain.secret import Secret
from services.config_api.domain.webhook_signing import NotASecret, key_of, secret_of, signature

SECRET = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


def test_the_example_of_the_specification() -> None:
    payload = b'{"test": 2432232314}'
    signed = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, payload)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_reference_library_verifies_what_was_signed() -> None:
    secret = secret_of(bytes(range(32)))
    payload = '{"name":"設定"}'.encode()
    timestamp = int(datetime.now(UTC).timestamp())
    headers = {
        "webhook-id": "msg-1",
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, "msg-1", timestamp, payload),
    }
    assert Webhook(secret.reveal()).verify(payload, headers) == {"name": "設定"}


def test_a_secret_made_of_a_key_holds_it() -> None:
    assert key_of(secret_of(bytes(range(24)))) == bytes(range(24))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  # without its prefix
        "whsec_",
        "whsec_c2hvcnQ=",  # 5 bytes
        "whsec_" + "QUJD" * 22,  # 66 bytes
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!",
        "whsec_ＭfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  # noqa: RUF001 -- a full-width letter
    ],
)
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(NotASecret):
        key_of(Secret(text))
