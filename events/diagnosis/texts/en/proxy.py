"""Sentences about a proxy between the tester and the server."""

from events.diagnosis.texts.text import Text, Texts

TEXTS: Texts = {
    "proxy_unreachable": Text(
        "The proxy does not answer",
        "Check the host and port of the proxy in the session properties, and whether it runs; "
        "{proxy} cannot be reached[[ ({reason})]].",
    ),
    "proxy_auth_required": Text(
        "The proxy asks for a sign-in",
        "Set mail.smtp.proxy.user and mail.smtp.proxy.password to what {proxy} accepts; a SOCKS "
        "proxy must let Java in without a password[[; it said: “{reply}”]].",
    ),
    "proxy_denied": Text(
        "The proxy does not let the connection through",
        "Have {proxy} allow connections to {host} port {port}; proxies often allow port 443 only"
        "[[; it said: “{reply}”]].",
    ),
    "proxy_target_unreachable": Text(
        "The proxy cannot reach {host}",
        "Check the host and port, and whether {proxy} can look up and reach {host} port {port}"
        "[[; it said: “{reply}”]].",
    ),
    "proxy_protocol_error": Text(
        "The proxy does not speak its protocol",
        "Check that {proxy} is a proxy of this kind: mail.smtp.proxy.host is for HTTP CONNECT, "
        "mail.smtp.socks.host for SOCKS 5[[; it said: “{reply}”]].",
    ),
}
