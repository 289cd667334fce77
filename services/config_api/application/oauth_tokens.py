"""Access tokens for the settings that need one: from the cache, or fresh from the provider."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NoReturn

import httpx
import structlog

from events.envelope import new_id
from events.oauth_provider import REFRESH_TOKEN, ProviderValues
from events.smtp_setting import SecretRef
from events.store.port import DropRow, RowWrite
from services.config_api.application.context import Clock, WriteRows
from services.config_api.application.figures import TOKENS
from services.config_api.application.oauth_providers import OAuthProviders
from services.config_api.application.oauth_token_rows import HeldToken, TokenRows, token_row
from services.config_api.application.sealing import Secrets
from services.config_api.domain.errors import NoToken
from services.config_api.domain.oauth_provider import ProviderState
from services.config_api.domain.secret import Secret
from services.config_api.oauth.answers import EndpointRefused, EndpointSilent, Issued
from services.config_api.oauth.requests import TokenRequests
from services.config_api.read_model.operational_tables import oauth_tokens

#: No token is given out that ends sooner; the mail that it is for takes its time.
MARGIN: Final = timedelta(minutes=1)
#: A grant that ends sooner is warned of.
GRANT_WARNING: Final = timedelta(days=7)
_UNTOLD: Final = timedelta(minutes=5)  # what a token without a time is good for
_AHEAD: Final = timedelta(minutes=10)
_HUSH: Final = timedelta(seconds=5)  # after a failure nobody asks again so soon
_BACK_OFF: Final = timedelta(minutes=1)
_MOST_BACK_OFF: Final = timedelta(hours=1)
_WAIT_S: Final = 10.0
_STEP_S: Final = 0.1
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessToken:
    """An access token; `expires_at` None where the provider does not say.

    `grant_ends_at` is when the grant behind it ends, where that is known: only a new consent or
    refresh token helps then.
    """

    text: Secret
    expires_at: datetime | None
    grant_ends_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OAuthTokens:
    """Gives out and renews access tokens; `client` is a guarded one.

    Of many that need a token at once, in any number of processes, one asks the provider: a
    refresh token that is rotated must not be used twice.
    """

    providers: OAuthProviders
    secrets: Secrets
    rows: TokenRows
    write_rows: WriteRows
    client: httpx.Client
    clock: Clock
    sleep: Callable[[float], None] = time.sleep

    def token_for(self, provider_id: str, *hosts: str) -> AccessToken:
        """Return a token that these hosts could read, all of which must be mail hosts of it.

        Blocks for half a minute at most; raises NoToken, StoreUnavailable, SealBroken.
        """
        state = self.providers.load(provider_id)
        if state.values is None:
            raise NoToken("provider_unknown", {"provider_id": provider_id})
        allowed = state.values.mail_hosts
        other = next((host for host in hosts if host not in allowed), None)
        if other is not None:
            facts = {"provider_id": provider_id, "host": other, "allowed": list(allowed)}
            raise NoToken("token_host_not_allowed", facts)
        return self._usable(state, state.values)

    def renew(self, provider_id: str) -> None:
        """Fetch a token ahead of need; a failure is noted, for the next to read."""
        state = self.providers.load(provider_id)
        if state.values is None:
            self.forget(provider_id)
            return
        owner = new_id()
        if self.rows.lock(provider_id, state.version, owner, self.clock()):
            try:
                self._fetched(state, state.values)
            except NoToken:
                return  # it is told where it is noted
            finally:
                self.rows.unlock(provider_id, owner)

    def keep(self, state: ProviderState, issued: Issued) -> None:
        """Keep what a consent gave, whose refresh token the provider's own stream names."""
        self._keep(state, self.rows.find(state.provider_id), replace(issued, refresh_token=None))

    def forget(self, provider_id: str) -> None:
        """Drop what a deleted provider issued."""
        held = self.rows.find(provider_id)
        gone = () if held is None else (held.access_id, held.refresh_id)
        drops = [self.secrets.drop(_ref(one)) for one in gone if one is not None]
        self.write_rows([DropRow(table=oauth_tokens, key={"provider_id": provider_id}), *drops])

    def _usable(self, state: ProviderState, values: ProviderValues) -> AccessToken:
        provider_id = state.provider_id
        until = time.monotonic() + _WAIT_S
        owner = new_id()
        while True:
            held = self.rows.find(provider_id)
            if held is not None and (known := self._known(held, state)) is not None:
                TOKENS.labels(outcome="held").inc()
                return known
            if self.rows.lock(provider_id, state.version, owner, self.clock()):
                try:
                    held = self.rows.find(provider_id)  # another may have been quicker
                    known = None if held is None else self._known(held, state)
                    return known or self._fetched(state, values)
                finally:
                    self.rows.unlock(provider_id, owner)
            if time.monotonic() >= until:
                facts = {"provider_id": provider_id, "reason": "another request is under way"}
                raise NoToken("token_endpoint_unreachable", facts)
            self.sleep(_STEP_S)

    def _known(self, held: HeldToken, state: ProviderState) -> AccessToken | None:
        """Return the token that is held; raises NoToken for a failure of a moment ago."""
        at = self.clock()
        if held.usable(state.version, at) and held.access_id is not None:
            text = self.secrets.open(None, _ref(held.access_id))
            return AccessToken(
                text=text, expires_at=held.expires_at, grant_ends_at=held.refresh_expires_at
            )
        fresh = held.failed_at is not None and held.failed_at > at - _HUSH
        if fresh and held.failure is not None and held.failure["version"] == state.version:
            raise NoToken(held.failure["code"], dict(held.failure["facts"]))
        return None

    def _fetched(self, state: ProviderState, values: ProviderValues) -> AccessToken:
        held = self.rows.find(state.provider_id)
        requests = TokenRequests(
            provider=values, secrets=self._opened(values, held), client=self.client
        )
        if _lacks_consent(values):
            self._fail(state, held, "token_grant_expired", {"error": "consent_required"})
        try:
            issued = requests.token()
        except EndpointSilent as error:
            self._fail(state, held, "token_endpoint_unreachable", {"reason": error.reason})
        except EndpointRefused as error:
            self._fail(state, held, _code_of(values, error), _words_of(error))
        return self._keep(state, held, issued)

    def _opened(self, values: ProviderValues, held: HeldToken | None) -> Mapping[str, Secret]:
        refs = dict(values.secrets)
        rotated = None if held is None else held.rotated(values)
        if rotated is not None:
            refs[REFRESH_TOKEN] = _ref(rotated)
        return {name: self.secrets.open(None, ref) for name, ref in refs.items()}

    def _keep(self, state: ProviderState, held: HeldToken | None, issued: Issued) -> AccessToken:
        """Keep a token, and the refresh token that came in place of the one that was used."""
        access_id, rows = self._sealed(issued.access_token)
        refresh_id = held.rotated(state.values) if held and state.values else None
        ends_at = held.refresh_expires_at if held and refresh_id else None
        if issued.refresh_token is not None:
            refresh_id, more = self._sealed(issued.refresh_token)
            rows += more
        before = {held.access_id, held.refresh_id} if held else set()
        gone = before - {access_id, refresh_id, None}
        rows += [self.secrets.drop(_ref(name)) for name in sorted(filter(None, gone))]
        kept = _held(state, issued, self.clock(), refresh_id=refresh_id, ends_at=ends_at)
        kept = replace(kept, access_id=access_id)
        self.write_rows([*rows, token_row(state.provider_id, kept)])
        _tell(state.provider_id, kept, self.clock())
        TOKENS.labels(outcome="fetched").inc()
        return AccessToken(
            text=issued.access_token,
            expires_at=kept.expires_at,
            grant_ends_at=kept.refresh_expires_at,
        )

    def _sealed(self, secret: Secret) -> tuple[str, list[RowWrite]]:
        """Return the name of a new sealed value, and its rows."""
        name = f"~oauth-token/{new_id()}"
        return name, list(self.secrets.seal(None, _ref(name), secret))

    def _fail(
        self, state: ProviderState, held: HeldToken | None, code: str, facts: dict[str, str | None]
    ) -> NoReturn:
        TOKENS.labels(outcome="failed").inc()
        failure = NoToken(code, {"provider_id": state.provider_id, **facts})
        at = self.clock()
        before = held.failures if held else 0
        wait = min(_BACK_OFF * 2 ** min(before, 10), _MOST_BACK_OFF)
        self.rows.failed(state, failure, at=at, again_at=at + wait)
        _log.warning("no access token", code=code, **failure.facts)
        raise failure


def _ref(name: str) -> SecretRef:
    return SecretRef(id=name, version=1)


def _lacks_consent(values: ProviderValues) -> bool:
    return values.grant == "authorization_code" and REFRESH_TOKEN not in values.secrets


def _code_of(values: ProviderValues, refused: EndpointRefused) -> str:
    if refused.is_busy:
        return "token_endpoint_unreachable"
    granted = values.grant in {"authorization_code", "refresh_token"}
    return "token_grant_expired" if refused.ends_grant and granted else "token_request_refused"


def _words_of(refused: EndpointRefused) -> dict[str, str | None]:
    return {"error": refused.error, "description": refused.description}


def _held(
    state: ProviderState,
    issued: Issued,
    at: datetime,
    *,
    refresh_id: str | None,
    ends_at: datetime | None,
) -> HeldToken:
    """Return what is kept of an answer; `ends_at` is when the grant ends as far as known before."""
    life = timedelta(seconds=issued.expires_in) if issued.expires_in else None
    usable = _UNTOLD if life is None else max(life - MARGIN, life / 2)
    own = state.values.secrets.get(REFRESH_TOKEN) if state.values else None
    if issued.refresh_expires_in is not None:
        ends_at = at + timedelta(seconds=issued.refresh_expires_in)
    return HeldToken(
        provider_version=state.version,
        access_id=None,
        expires_at=None if life is None else at + life,
        usable_until=at + usable,
        renew_at=at + max(usable - _AHEAD, usable / 2),
        refresh_id=refresh_id,
        refresh_of=own.version if own and refresh_id else None,
        refresh_expires_at=ends_at,
        renewed_at=at,
        failure=None,
        failed_at=None,
        failures=0,
    )


def _tell(provider_id: str, kept: HeldToken, at: datetime) -> None:
    ends_at = kept.refresh_expires_at
    _log.info(
        "an access token was fetched", provider_id=provider_id, expires_at=str(kept.expires_at)
    )
    if ends_at is not None and ends_at - at < GRANT_WARNING:
        _log.warning("an OAuth grant ends soon", provider_id=provider_id, ends_at=str(ends_at))
