"""Sentences about transport security and certificates."""

from events.diagnosis.texts.text import Text, Texts

TEXTS: Texts = {
    "starttls_not_offered": Text(
        "The server does not offer STARTTLS",
        "Use a port of {host} that offers STARTTLS (587) or implicit TLS (465), or have STARTTLS "
        "switched on there; the test does not go on unencrypted.",
    ),
    "starttls_stripped": Text(
        "Something between masks STARTTLS",
        "Switch off SMTP inspection in the firewall between the sender and {host}: it overwrites "
        "the server's offer of STARTTLS with “{seen}”.",
    ),
    "starttls_refused": Text(
        "The server offers STARTTLS but refuses it",
        "Have TLS repaired at {host}, where usually the certificate or key cannot be read"
        "[[; the server said: “{reply}”]].",
    ),
    "starttls_injection": Text(
        "Plain text was slipped in before TLS",
        "Look for an attacker or a faulty filter between the sender and {host}: bytes followed its "
        "consent to STARTTLS, and the test was broken off[[; they began with “{seen}”]].",
    ),
    "port_expects_plain": Text(
        "Port {port} starts unencrypted",
        "{host} port {port} greets in plain text; change the security to STARTTLS (or to none if "
        "the server offers no STARTTLS), or the port to 465.",
    ),
    "protocol_version": Text(
        "No TLS version in common",
        "The setting allows {allowed}[[ and the server accepts {accepted}]]; choose a version that "
        "both have, or have the server's TLS renewed[[; the server said: “{reply}”]].",
    ),
    "no_common_cipher": Text(
        "No cipher in common",
        "{host} and the tester share no cipher suite; have current cipher suites switched on at "
        "the server[[ (its alert: {alert})]].",
    ),
    "handshake_failed": Text(
        "The TLS handshake failed",
        "{host} port {port} broke off the handshake; ask its operator to look into the server's "
        "log[[ (alert: {alert})]].",
    ),
    "handshake_timeout": Text(
        "The TLS handshake did not end in time",
        "{host} port {port} did not complete the handshake within {limit_ms} ms; check that the "
        "port speaks TLS and that no filter holds the connection.",
    ),
    "closed_in_handshake": Text(
        "The server hung up in the TLS handshake",
        "{host} port {port} closed the connection instead of answering the handshake; check that "
        "the port speaks TLS and that no filter forbids it.",
    ),
    "closed_after_tls": Text(
        "The server hung up after the TLS handshake",
        "{host} agreed on [[{version} in ]]the handshake and then closed the connection; ask "
        "its operator to look into the server's log, often it wants a client certificate.",
    ),
    "server_tls_broken": Text(
        "The server's TLS is broken",
        "{host} port {port} sent what is not TLS where TLS was due; have TLS repaired at the "
        "server[[ (alert: {alert})]][[, it sent “{seen}”]].",
    ),
    "cert_expired": Text(
        "The certificate expired on {not_after}",
        "Have the certificate of {host} renewed; that of {subject}, issued by {issuer}, ended on "
        "{not_after}.",
    ),
    "cert_not_yet_valid": Text(
        "The certificate is valid only from {not_before}",
        "Check the clock of the tester and of {host}; the certificate of {subject}, issued by "
        "{issuer}, begins on {not_before}.",
    ),
    "cert_self_signed": Text(
        "The certificate is self-signed",
        "Have a certificate of a known authority installed at {host}, or put this one ({subject}, "
        "SHA-256 {sha256}) into the CA field of the setting once its owner has confirmed it.",
    ),
    "cert_unknown_ca": Text(
        "The certificate's authority is not known",
        "The certificate was issued by {issuer}; if that is your own authority, put its root "
        "certificate into the CA field of the setting.",
    ),
    "cert_chain_incomplete": Text(
        "The server does not send its whole chain",
        "Have the intermediate certificate {issuer} installed at {host} behind the server's own, "
        "or put it into the CA field of the setting.",
    ),
    "cert_wrong_host": Text(
        "The certificate is for another name",
        "The certificate holds {names} but not {host}; enter one of these names as the host, or "
        "have {host} added to the certificate.",
    ),
    "cert_weak": Text(
        "The certificate is too weak",
        "Have a certificate with a key of at least 2048 bits (RSA) and a SHA-2 signature installed "
        "at {host}; the present one ({subject}) has {weakness}.",
    ),
    "cert_wrong_purpose": Text(
        "The certificate is not for servers",
        "Have a certificate for server authentication installed at {host}; the present one "
        "({subject}) is[[ for {purposes} only and]] not for servers.",
    ),
    "not_in_trust_list": Text(
        "{host} is not in the list of trusted hosts",
        "Add {host} to {name}, or remove the property: it trusts {trusted} only, whatever the "
        "certificate says, and compares names letter by letter.",
    ),
}
