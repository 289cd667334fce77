"""Step `token`: the access token that the API gives with the claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.conn_tester.diagnosis.finding import conclude

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe


def check_token(probe: Probe) -> None:
    """Conclude that there is no provider who could have issued the token that is missing."""
    raise conclude("provider_unknown", provider_id=probe.target.sign_in.provider_id)
