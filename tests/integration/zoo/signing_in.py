"""Situations about signing in."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.integration.zoo.behaviours import babble, hang_up, reset, say_nothing, script
from tests.integration.zoo.situation import Situation, peer, real
from tests.support.smtp.nodemailer import TOKEN
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.support.smtp.peer import Connection

QUICK = {"timeout_ms": 500}
STARTTLS = {"security": "starttls"}
REFUSED = (
    ("Postfix's words", "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6", "bad_credentials"),
    ("Gmail's words", "535-5.7.8 Username and Password not accepted. For more\n535 5.7.8 go to",
     "bad_credentials"),
    ("no enhanced code", "535 Incorrect authentication data", "bad_credentials"),
    ("another number", "501 Authentication failed!", "bad_credentials"),
    ("Japanese words", "535 5.7.8 認証に失敗しました", "bad_credentials"),
    ("Gmail, two factors", "534-5.7.9 Application-specific password required. For\n534 5.7.9 more",
     "app_password_required"),
    ("Mail.ru", "535 5.7.0 NEOBHODIM parol prilozheniya", "app_password_required"),
    ("Tencent", "535 Login Fail. Please enter your authorization code to login.",
     "app_password_required"),
    ("Gmail, web", ("534-5.7.14 <https://accounts.google.com> Please log in via your web browser\n"
     "534 5.7.14 and then try again."), "web_login_required"),
    ("Yahoo", "535 5.7.0 (#MBR1240) Please verify your account by going to https://login.example",
     "web_login_required"),
    ("Microsoft 365, basic", ("535 5.7.139 Authentication unsuccessful, basic authentication is "
     "disabled."), "basic_auth_disabled"),
    ("Microsoft 365, 2026", ("550 5.7.30 Basic authentication is not supported for Client "
     "Submission."), "basic_auth_disabled"),
    ("Microsoft 365, tenant", ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication "
     "is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled"), "smtp_auth_disabled"),
    ("Yandex", ("535 5.7.8 Error: authentication failed: This user does not have access rights to "
     "this service"), "smtp_auth_disabled"),
    ("RFC 5248", "525 5.7.13 User Account Disabled", "smtp_auth_disabled"),
    ("Microsoft 365, defaults", ("535 5.7.139 Authentication unsuccessful, user is locked by your "
     "organization's security defaults policy."), "security_defaults"),
    ("Microsoft 365, access", ("535 5.7.139 Authentication unsuccessful, the request did not meet "
     "the criteria to be authenticated successfully."), "security_defaults"),
    ("Gmail, many", "454 4.7.0 Too many login attempts, please try again later.", "throttled"),
    ("Yahoo, many", "535 5.7.0 (#AUTH005) Too many bad auth attempts.", "throttled"),
    ("Stalwart", "421 4.7.0 Too many authentication errors. Disconnecting.", "throttled"),
    ("RFC 4954", "454 4.7.0 Temporary authentication failure", "temporary_auth_failure"),
    ("Exim, no backend", "435 Unable to authenticate at present", "temporary_auth_failure"),
    ("NetEase, busy", "535 Error: authentication failed, system busy", "temporary_auth_failure"),
    ("offered and unknown", "504 5.5.4 Unrecognized authentication type", "mechanism_refused"),
    ("too weak", "534 5.7.9 Authentication mechanism is too weak", "mechanism_refused"),
    ("offered and not there", "503 5.5.1 Error: authentication not enabled", "auth_not_offered"),
    ("TLS after all", "530 5.7.0 Must issue a STARTTLS command first", "auth_needs_tls"),
    ("TLS by number", "538 5.7.11 Sorry", "auth_needs_tls"),
    ("inconsistent", "235-not\n236 consistent", "protocol_error"),
    ("a challenge too many", "334 ", "protocol_error"),
    ("no number", "what?", "protocol_error"),
)  # fmt: skip
CHOICES: tuple[tuple[str, tuple[str, ...], dict[str, Any], str, dict[str, Any] | None], ...] = (
    ("mechanisms of Windows alone", ("GSSAPI", "NTLM"), {}, "no_common_mechanism", None),
    ("only what is bound to TLS", ("SCRAM-SHA-256-PLUS",), {}, "no_common_mechanism", None),
    ("tokens alone", ("XOAUTH2", "OAUTHBEARER"), {}, "oauth_required", None),
    ("no tokens", ("PLAIN", "LOGIN"), {"mechanism": "XOAUTH2"}, "oauth_not_offered", None),
    ("another mechanism", ("LOGIN",), {"mechanism": "PLAIN"}, "mechanism_not_offered",
     {"auth": {"mechanism": None}}),
    ("another kind of token", ("OAUTHBEARER",), {"mechanism": "XOAUTH2"}, "mechanism_not_offered",
     {"auth": {"mechanism": None}}),
    ("not the property's mechanism", ("PLAIN",),
     {"properties": {"mail.smtp.auth.mechanisms": "LOGIN"}}, "no_common_mechanism", None),
)  # fmt: skip
UNANSWERED = (
    ("hangs up", hang_up, "closed_in_auth"),
    ("resets the connection", reset, "closed_in_auth"),
    ("says nothing", say_nothing, "auth_timeout"),
    ("never ends its answer", babble, "auth_timeout"),
)


def _jwt(**claims: Any) -> str:
    parts = ({"alg": "none"}, claims)
    encoded = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*encoded, "c2lnbmF0dXJl"))


async def _refuse_token(connection: Connection, _line: str) -> None:
    refusal = json.dumps({"status": "invalid_token", "scope": "mail.send"}).encode()
    await connection.send(f"334 {b64encode(refusal).decode()}\r\n")
    await connection.line()
    await connection.send("535 5.7.8 Username and Password not accepted\r\n")


def _providers(**failure: Any) -> dict[str, Any]:
    token = {"access_token": TOKEN, "expires_at": "2099-01-01T00:00:00Z", "grant_ends_at": None}
    given: dict[str, Any] = {"method": "access_token", "provider_id": "idp", "credential": token}
    if failure:
        given |= {"credential": None, "token_failure": failure}
    return given


def _soon() -> dict[str, Any]:
    ends = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    return _providers() | {
        "credential": {"access_token": TOKEN, "expires_at": None, "grant_ends_at": ends}
    }


def _reply(words: str) -> str:
    return "".join(f"{line}\r\n" for line in words.split("\n"))


def _with_tokens(answer: str | Callable[[Connection, str], Awaitable[None]]) -> SmtpScript:
    return script("XOAUTH2", "OAUTHBEARER", AUTH=answer)


NO_TOKEN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("provider_unknown", {}),
    ("token_host_not_allowed", {"allowed": ["smtp.gmail.com"]}),
    ("token_endpoint_unreachable", {"reason": "timeout"}),
    ("token_request_refused", {"error": "invalid_client", "description": "AADSTS7000215"}),
    ("token_grant_expired", {"error": "invalid_grant", "description": "AADSTS700082"}),
)
SIGNING_IN = (
    *(
        Situation(title=f"sign-in refused: {title}", code=code, step="auth",
                  opened=peer(script("PLAIN", AUTH=_reply(words))))
        for title, words, code in REFUSED
    ),
    *(
        Situation(title=f"offers {title}", opened=peer(script(*offered)), asked=asked, code=code,
                  step="auth", fix=fix)
        for title, offered, asked, code, fix in CHOICES
    ),
    *(
        Situation(title=f"{title} in the sign-in", opened=peer(script("PLAIN", AUTH=answer)),
                  asked=QUICK, code=code, step="auth")
        for title, answer, code in UNANSWERED
    ),
    *(
        Situation(title=f"the API has no token: {code}", code=code, step="token",
                  opened=peer(_with_tokens("235 ok\r\n")),
                  asked=_providers(code=code, facts={"provider_id": "idp"} | facts))
        for code, facts in NO_TOKEN
    ),
    Situation(title="offers no sign-in", opened=peer(SmtpScript(extensions=("SIZE",))),
              code="auth_not_offered", step="auth", warnings=frozenset({"java_skips_sign_in"})),
    Situation(title="offers the sign-in under TLS alone", code="auth_needs_tls", step="auth",
              opened=peer(SmtpScript(extensions=("STARTTLS",))), fix={"security": "starttls"}),
    Situation(title="offers the sign-in in the old form", code="ok", step="quit",
              opened=peer(SmtpScript(extensions=("AUTH=LOGIN PLAIN",)))),
    Situation(title="wants another login first", code="mechanism_refused", step="auth",
              opened=peer(script("CRAM-MD5", "PLAIN", AUTH="432 4.7.12 A password transition\r\n")),
              fix={"auth": {"mechanism": "PLAIN"}}),
    Situation(title="refuses the best mechanism", code="mechanism_refused", step="auth",
              opened=peer(script("CRAM-MD5", "LOGIN", AUTH="504 5.5.4 not this one\r\n")),
              fix={"auth": {"mechanism": "LOGIN"}}),
    Situation(title="the setting has no password", opened=peer(script()), step="config",
              asked={"password": None}, code="credentials_missing"),
    Situation(title="the password ends with a blank", code="bad_credentials", step="auth",
              opened=peer(script("PLAIN")), asked={"password": "correct horse battery "},
              warnings=frozenset({"odd_characters"})),
    Situation(title="the password is full-width", code="bad_credentials", step="auth",
              opened=peer(script("PLAIN")), asked={"password": "\uff50\uff57"},
              warnings=frozenset({"odd_characters"})),
    Situation(title="takes SCRAM without its own proof", code="server_signature_wrong", step="auth",
              opened=peer(script("SCRAM-SHA-256", AUTH="235 2.7.0 ok\r\n"))),
    *(
        Situation(title=f"a token that is over ({mechanism})", code="token_rejected", step="auth",
                  opened=peer(_with_tokens(_refuse_token)),
                  asked={"mechanism": mechanism, "password": "Bearer " + _jwt(
                      exp=1_000_000_000, aud="https://graph.example", scp="Mail.Read")})
        for mechanism in ("XOAUTH2", "OAUTHBEARER")
    ),
    Situation(title="a provider's token is taken", code="ok", step="quit",
              opened=peer(_with_tokens("235 ok\r\n")), asked=_providers()),
    Situation(title="the grant of the token ends in three days", code="ok", step="quit",
              opened=peer(_with_tokens("235 ok\r\n")), asked=_soon(),
              warnings=frozenset({"token_expires_soon"})),
    Situation(title="a provider's token where none is taken", code="oauth_not_offered", step="auth",
              opened=peer(script()), asked=_providers()),
    Situation(title="takes the right token", server="nodemailer", code="ok", step="quit",
              opened=real("nodemailer", "starttls_port"),
              asked=STARTTLS | {"mechanism": "XOAUTH2", "password": TOKEN}),
    Situation(title="rejects a token with JSON", server="nodemailer", code="token_rejected",
              step="auth", opened=real("nodemailer", "starttls_port"),
              asked=STARTTLS | {"mechanism": "XOAUTH2", "password": "ya29.another"}),
    Situation(title="forbids the sign-in without TLS", server="Postfix", code="auth_needs_tls",
              step="auth", opened=real("postfix", "starttls_port"), fix={"security": "starttls"}),
    Situation(title="forbids the sign-in without TLS", server="Exim", code="auth_needs_tls",
              step="auth", opened=real("exim", "starttls_port"), fix={"security": "starttls"}),
    Situation(title="forbids the sign-in without TLS", server="OpenSMTPD", code="auth_needs_tls",
              step="auth", opened=real("opensmtpd", "plain_port"), fix={"security": "starttls"}),
    Situation(title="forbids the sign-in without TLS", server="nodemailer", code="auth_needs_tls",
              step="auth", opened=real("nodemailer", "starttls_port"),
              fix={"security": "starttls"}),
    Situation(title="does not offer the mechanism asked for", server="Exim", step="auth",
              opened=real("exim", "starttls_port"), code="mechanism_not_offered",
              asked=STARTTLS | {"mechanism": "SCRAM-SHA-256"}, fix={"auth": {"mechanism": None}}),
    Situation(title="takes no tokens", server="Dovecot", code="oauth_not_offered", step="auth",
              opened=real("dovecot", "starttls_port"),
              asked=STARTTLS | {"mechanism": "XOAUTH2", "password": "t"}),
    Situation(title="a user that is not ASCII", server="Dovecot", code="bad_credentials",
              step="auth", opened=real("dovecot", "starttls_port"),
              asked=STARTTLS | {"user": "田中@acme.example", "timeout_ms": 9_000}),
)  # fmt: skip
