"""The fields under `auth`: who signs in, by which method, and with which secret."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any, Final, get_args

from events.smtp_setting import PASSWORD, Auth, AuthMethod
from services.config_api.domain.field_errors import change_at
from services.config_api.domain.findings import Findings
from services.config_api.domain.nearest import pairs
from services.config_api.domain.secret import Secret

FIELD: Final = "auth"
METHODS: Final = get_args(AuthMethod)
MECHANISMS: Final = (
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "XOAUTH2",
    "OAUTHBEARER",
)
_OTHER_METHODS: Final = pairs(
    {
        "none": ("off", "no", "anonymous", "disabled"),
        "password": ("login", "plain", "basic", "userpassword"),
        "access_token": ("oauth", "oauth2", "xoauth2", "oauthbearer", "token", "bearer"),
    }
)
_OTHER_MECHANISMS: Final = pairs(
    {"XOAUTH2": ("xoauth", "oauth2"), "SCRAM-SHA-256": ("scram_sha_256_plus", "scram")}
)
#: Those that carry an access token (in place of a password).
_OF_TOKENS: Final = ("XOAUTH2", "OAUTHBEARER")
_MAX_USER: Final = 512
_MAX_PROVIDER: Final = 255


def read_auth(
    findings: Findings,
    given: Mapping[str, Any],
    host: str,
    known_providers: Container[str],
    *,
    registering: bool,
) -> tuple[Auth, dict[str, Secret | None]]:
    """Return how to sign in, and the password where one was given (None: remove it).

    In `registering`, signing in with a password needs one (or null) to be given.
    """
    auth = Auth(
        method=given.get("method", "none"),
        user=findings.read_text((FIELD, "user"), given.get("user"), limit=_MAX_USER),
        mechanism=given.get("mechanism") or None,
        provider_id=findings.read_text(
            (FIELD, "provider_id"), given.get("provider_id"), limit=_MAX_PROVIDER
        ),
    )
    findings.read_choice((FIELD, "method"), auth.method, METHODS, _OTHER_METHODS)
    _read_mechanism(findings, auth)
    if auth.method in ("password", "access_token") and auth.user is None:
        findings.refuse((FIELD, "user"), "credentials_missing", field="user", host=host)
    if auth.method == "access_token":
        _read_provider(findings, auth.provider_id, known_providers)
    if PASSWORD in given:
        return auth, {PASSWORD: _read_password(findings, given[PASSWORD], auth.method, host)}
    if registering and auth.method == "password":
        findings.refuse((FIELD, PASSWORD), "credentials_missing", field=PASSWORD, host=host)
    return auth, {}


def _read_mechanism(findings: Findings, auth: Auth) -> None:
    path = (FIELD, "mechanism")
    findings.read_choice(path, auth.mechanism, MECHANISMS, _OTHER_MECHANISMS)
    without_token = auth.mechanism in MECHANISMS and auth.mechanism not in _OF_TOKENS
    if auth.method == "access_token" and without_token:
        findings.refuse(
            path,
            "mechanism_without_token",
            fix=change_at(path, None),
            mechanism=auth.mechanism,
            choices=list(_OF_TOKENS),
        )


def _read_provider(
    findings: Findings, provider_id: str | None, known_providers: Container[str]
) -> None:
    if provider_id is None:
        findings.refuse((FIELD, "provider_id"), "required")
    elif provider_id not in known_providers:
        findings.warn("provider_unknown", provider_id=provider_id)


def _read_password(
    findings: Findings, password: str | Secret | None, method: AuthMethod, host: str
) -> Secret | None:
    path = (FIELD, PASSWORD)
    if password is None or method not in METHODS or (method != "password" and password == ""):
        return None
    if method == "none":
        findings.refuse(path, "password_without_method", fix=change_at((FIELD, "method"), PASSWORD))
    elif method == "access_token":
        findings.refuse(path, "password_without_method", reason=method)
    elif password == "":
        findings.refuse(path, "credentials_missing", field=PASSWORD, host=host)
    else:
        return findings.read_secret(path, password)
    return None
