"""Every conclusion of a connection test: its usual step, its verdict and its facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from events.connection_test import StepName, Verdict

TARGET_FACTS = frozenset({"host", "port", "security"})
"""Facts that come with the conclusion of every test."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conclusion:
    """What a code means: the step that usually decides it, its verdict, the names of its facts.

    Facts are for its sentences; those that a case cannot know (a server without a word of its own)
    may be missing.
    """

    step: StepName
    verdict: Verdict
    facts: frozenset[str]


def _failed(step: StepName, *facts: str) -> Conclusion:
    return Conclusion(step=step, verdict="failed", facts=TARGET_FACTS | set(facts))


def _open(step: StepName, *facts: str) -> Conclusion:
    return Conclusion(step=step, verdict="inconclusive", facts=TARGET_FACTS | set(facts))


CODES: dict[str, Conclusion] = {
    # the setting itself; also codes of a refused draft or registration
    "host_missing": _failed("config"),
    "host_invalid": _failed("config", "value"),
    "host_is_url": _failed("config", "value", "cleaned"),
    "host_has_port": _failed("config", "value", "cleaned"),
    "host_is_address": _failed("config", "value", "cleaned"),
    "port_invalid": _failed("config", "value"),
    "protocol_unknown": _failed("config", "value"),
    "cipher_unknown": _failed("config", "value", "name"),
    "credentials_missing": _failed("config", "field"),
    "control_characters": _failed("config", "field"),
    "address_not_allowed": _open("config"),
    # names and addresses
    "host_not_found": _failed("dns", "alias", "suggestion"),
    "host_has_no_address": _failed("dns", "alias", "suggestion"),
    "dns_server_failure": _open("dns", "answer"),
    "dns_timeout": _open("dns", "limit_ms"),
    "refused": _failed("tcp", "addresses"),
    "connect_timeout": _failed("tcp", "addresses", "limit_ms", "often_blocked"),
    "unreachable": _failed("tcp", "addresses"),
    "connection_reset": _failed("tcp", "address"),
    "local_address_invalid": _failed("tcp", "local_address"),
    # a proxy that the session properties name
    "proxy_unreachable": _failed("proxy", "proxy", "reason"),
    "proxy_auth_required": _failed("proxy", "proxy", "reply"),
    "proxy_denied": _failed("proxy", "proxy", "reply"),
    "proxy_target_unreachable": _failed("proxy", "proxy", "reply"),
    "proxy_protocol_error": _failed("proxy", "proxy", "reply"),
    # the first words
    "no_greeting": _failed("banner", "limit_ms"),
    "closed_before_greeting": _failed("banner"),
    "too_slow": _failed("banner", "limit_ms"),
    "port_expects_tls": _failed("banner"),
    "refused_by_policy": _failed("banner", "reply"),
    "temporarily_unavailable": _open("banner", "reply"),
    "too_many_connections": _open("banner", "reply"),
    "client_certificate_required": _failed("banner", "alert", "reply"),
    "not_smtp": _failed("banner", "reply"),
    "not_smtp_http": _failed("banner", "reply"),
    "not_smtp_imap": _failed("banner", "reply"),
    "not_smtp_pop3": _failed("banner", "reply"),
    "not_smtp_ssh": _failed("banner", "reply"),
    "not_smtp_ftp": _failed("banner", "reply"),
    "closed_after_ehlo": _failed("ehlo", "ehlo_name"),
    "ehlo_name_refused": _failed("ehlo", "ehlo_name", "reply"),
    "protocol_error": _failed("ehlo", "reply"),
    # transport security
    "starttls_not_offered": _failed("tls", "extensions"),
    "starttls_stripped": _failed("tls", "seen"),
    "starttls_refused": _failed("tls", "reply"),
    "starttls_injection": _failed("tls", "seen"),
    "port_expects_plain": _failed("tls", "reply"),
    "protocol_version": _failed("tls", "allowed", "accepted", "reply"),
    "no_common_cipher": _failed("tls", "alert"),
    "handshake_failed": _failed("tls", "alert"),
    "handshake_timeout": _failed("tls", "limit_ms"),
    "closed_in_handshake": _failed("tls"),
    "closed_after_tls": _failed("tls", "version"),
    "server_tls_broken": _failed("tls", "alert", "seen"),
    "cert_expired": _failed("tls", "not_after", "subject", "issuer"),
    "cert_not_yet_valid": _failed("tls", "not_before", "subject", "issuer"),
    "cert_self_signed": _failed("tls", "subject", "sha256"),
    "cert_unknown_ca": _failed("tls", "issuer", "subject"),
    "cert_chain_incomplete": _failed("tls", "issuer", "subject"),
    "cert_wrong_host": _failed("tls", "names"),
    "cert_weak": _failed("tls", "weakness", "subject"),
    "cert_wrong_purpose": _failed("tls", "purposes", "subject"),
    "not_in_trust_list": _failed("tls", "name", "trusted"),
    # signing in
    "provider_unknown": _failed("token", "provider_id"),
    "token_host_not_allowed": _failed("token", "provider_id", "allowed"),
    "token_endpoint_unreachable": _open("token", "provider_id", "reason", "error", "description"),
    "token_request_refused": _failed("token", "provider_id", "error", "description"),
    "token_grant_expired": _failed("token", "provider_id", "error", "description"),
    "auth_not_offered": _failed("auth", "extensions"),
    "auth_needs_tls": _failed("auth", "reply"),
    "no_common_mechanism": _failed("auth", "offered", "supported"),
    "mechanism_not_offered": _failed("auth", "mechanism", "offered"),
    "mechanism_refused": _failed("auth", "mechanism", "reply"),
    "bad_credentials": _failed("auth", "user", "reply", "switch"),
    "app_password_required": _failed("auth", "user", "reply", "switch"),
    "web_login_required": _failed("auth", "user", "reply", "switch"),
    "basic_auth_disabled": _failed("auth", "reply"),
    "smtp_auth_disabled": _failed("auth", "user", "reply", "switch"),
    "security_defaults": _failed("auth", "user", "reply", "switch"),
    "oauth_required": _failed("auth", "offered"),
    "oauth_not_offered": _failed("auth", "mechanism", "offered"),
    "token_rejected": _failed(
        "auth",
        "user",
        "reply",
        "expired_at",
        "audience",
        "scope",
        "wanted_scope",
        "status",
        "prefix",
    ),
    "server_signature_wrong": _failed("auth", "mechanism"),
    "throttled": _open("auth", "reply"),
    "temporary_auth_failure": _open("auth", "reply"),
    "closed_in_auth": _failed("auth", "mechanism"),
    "auth_timeout": _failed("auth", "mechanism", "limit_ms"),
    # sender, recipient and message
    "smtputf8_not_offered": _failed("mail", "address"),
    "auth_required": _failed("mail", "reply"),
    "tls_required": _failed("mail", "reply"),
    "sender_refused": _failed("mail", "sender", "reply"),
    "sender_not_allowed": _failed("mail", "sender", "user", "reply"),
    "sender_not_verified": _failed("data", "sender", "reply"),
    "message_too_large": _failed("mail", "reply"),
    "relay_denied": _failed("rcpt", "recipient", "reply"),
    "recipient_unknown": _failed("rcpt", "recipient", "reply"),
    "greylisted": _open("rcpt", "reply"),
    "blocklisted": _failed("rcpt", "reply"),
    "mailbox_full": _open("rcpt", "recipient", "reply"),
    "reply_timeout": _failed("rcpt", "command", "limit_ms"),
    "content_rejected": _failed("data", "sender", "reply"),
    "closed_in_data": _failed("data", "recipient"),
    # the test as a whole
    "deadline_exceeded": _open("quit", "slowest", "limit_ms"),
    "no_tester": _open("config"),
    "cancelled": _open("config"),
    "ok": Conclusion(step="quit", verdict="passed", facts=TARGET_FACTS),
}

WARNINGS: dict[str, frozenset[str]] = {
    "not_encrypted": TARGET_FACTS,
    "password_without_tls": TARGET_FACTS,
    "old_protocol": frozenset({"version"}),
    "cert_expires_soon": frozenset({"not_after", "days", "subject"}),
    "cert_without_san": frozenset({"subject"}),
    "ipv6_broken": frozenset({"addresses", "cost_ms"}),
    "address_failed": frozenset({"addresses"}),
    "slow_greeting": frozenset({"seconds"}),
    "quit_no_answer": frozenset(),
    "helo_only": frozenset({"name"}),
    "helo_fallback": frozenset({"reply"}),
    "odd_characters": frozenset({"field"}),
    "bare_lf": frozenset(),
    "token_expires_soon": frozenset({"provider_id", "ends_at"}),
    # about a setting, when it is registered or imported
    "host_trimmed": frozenset({"host"}),
    "starttls_ignored": frozenset({"name"}),
    "certificate_not_verified": frozenset({"name"}),
    "identity_not_checked": frozenset({"name"}),
    "unknown_property": frozenset({"name", "suggestion"}),
    "property_value_ignored": frozenset({"name", "value", "default"}),
    "property_for_java_only": frozenset({"name"}),
    "property_list_separator": frozenset({"name", "value", "suggestion"}),
    # where senders on Java do something else than the setting seems to say
    "property_without_effect": frozenset({"name"}),
    "java_skips_sign_in": TARGET_FACTS,
    "java_lacks_mechanism": frozenset({"mechanism", "offered"}),
    "cipher_outside_list": frozenset({"name", "cipher"}),
    "noop_refused": frozenset({"command", "reply"}),
}
"""Every warning of a test or setting and the names of the facts in its sentences."""
