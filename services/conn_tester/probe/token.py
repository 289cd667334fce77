"""Step `token`: the access token that the API gives with the claim, or why there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.diagnosis.finding import conclude

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe

_SOON: Final = timedelta(days=7)


def check_token(probe: Probe, detail: dict[str, Any]) -> None:
    """Conclude why the provider gave no token; warn of a grant that ends soon."""
    sign_in = probe.target.sign_in
    if sign_in.no_token is not None:
        raise conclude(sign_in.no_token.code, **sign_in.no_token.facts)
    if sign_in.password is None:
        raise conclude("provider_unknown", provider_id=sign_in.provider_id)
    detail["provider_id"] = sign_in.provider_id
    if sign_in.expires_at is not None:
        detail["expires_at"] = _text(sign_in.expires_at)
    ends_at = sign_in.grant_ends_at
    if ends_at is not None and ends_at - probe.tools.now() < _SOON:
        facts = {"provider_id": sign_in.provider_id, "ends_at": _text(ends_at)}
        probe.record.warn("token_expires_soon", **facts)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
