"""Sentences of warnings, which stand beside any verdict."""

from events.diagnosis.texts.text import Text, Texts

WARNINGS: Texts = {
    "not_encrypted": Text(
        "The connection is not encrypted",
        "Change the security to STARTTLS or implicit TLS if {host} offers it; now everybody on the "
        "way can read and change the mail.",
    ),
    "password_without_tls": Text(
        "The password travels unencrypted",
        "Change the security to STARTTLS or implicit TLS; now everybody on the way to {host} can "
        "read the password.",
    ),
    "old_protocol": Text(
        "The connection uses {version}",
        "Have TLS 1.2 or 1.3 switched on at the server; {version} is no longer considered safe, "
        "and Java refuses it unless its own list of disabled algorithms is changed.",
    ),
    "cert_expires_soon": Text(
        "The certificate expires in {days} days",
        "Have the certificate of {subject} renewed before {not_after}.",
    ),
    "cert_without_san": Text(
        "The certificate names its host only in the old way",
        "Have a certificate with a subject alternative name installed; many clients no longer "
        "accept the common name of {subject}.",
    ),
    "ipv6_broken": Text(
        "The IPv6 addresses do not work",
        "Repair {addresses} at the server or remove them from DNS; this test lost {cost_ms} ms, "
        "and clients that prefer IPv6 wait longer or fail.",
    ),
    "address_failed": Text(
        "Not every address works",
        "Repair {addresses} at the server or remove them from DNS; clients that choose them fail.",
    ),
    "slow_greeting": Text(
        "The server greets slowly",
        "Its greeting took {seconds} s; keep the timeouts of the setting well above that.",
    ),
    "quit_no_answer": Text(
        "The server did not answer QUIT",
        "It harms nothing; with mail.smtp.quitwait=false senders do not wait for the answer.",
    ),
    "helo_only": Text(
        "Only HELO is said",
        "Remove {name}: without EHLO neither STARTTLS nor sign-in is possible.",
    ),
    "helo_fallback": Text(
        "The server knows only HELO",
        "It refused EHLO, so that neither STARTTLS nor sign-in is possible there[[; it said: "
        "“{reply}”]].",
    ),
    "odd_characters": Text(
        "The {field} holds unusual characters",
        "Check the {field} for blanks at its ends, full-width letters and invisible characters; "
        "they often come with pasted text.",
    ),
    "bare_lf": Text(
        "The server ends lines with LF alone",
        "Have the server end its lines with CR LF, as SMTP demands; strict clients refuse it.",
    ),
    "token_expires_soon": Text(
        "The consent to {provider_id} ends soon",
        "Consent again at the OAuth provider {provider_id}, or enter a new refresh token there, "
        "before {ends_at}: after that no mail can be sent.",
    ),
    "host_trimmed": Text(
        "Blanks around the host were removed",
        "The host was taken as “{host}” without its blanks; check that this is all of it.",
    ),
    "starttls_ignored": Text(
        "STARTTLS is ignored with implicit TLS",
        "Remove {name}: with implicit TLS the connection is encrypted from the first byte.",
    ),
    "certificate_not_verified": Text(
        "The certificate of the server is not verified",
        "Remove {name}, and enter a private authority in ca_pem; now anybody on the way can pose "
        "as the server.",
    ),
    "identity_not_checked": Text(
        "The certificate is not compared with the host",
        "Remove {name}; now the certificate of any other host is taken as well.",
    ),
}
