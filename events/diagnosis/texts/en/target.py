"""Sentences about the setting, its name and its addresses, and about the test as a whole."""

from events.diagnosis.texts.text import Text, Texts

TEXTS: Texts = {
    "host_missing": Text(
        "No host is given",
        "Enter the name of the mail server, such as smtp.example.com.",
    ),
    "host_invalid": Text(
        "“{value}” is not a host name",
        "Enter a host name whose parts have at most 63 letters, digits and hyphens each, "
        "or an IP address.",
    ),
    "host_is_url": Text(
        "The host is given as a URL",
        "Enter the name of the server alone[[, “{cleaned}”,]] instead of “{value}”.",
    ),
    "host_has_port": Text(
        "The host is given with a port",
        "Enter the name alone[[, “{cleaned}”,]] and the port in its own field.",
    ),
    "host_is_address": Text(
        "The host is given as an e-mail address",
        "Enter the name of the mail server[[, perhaps “{cleaned}”,]] instead of “{value}”.",
    ),
    "port_invalid": Text(
        "The port is not valid",
        "Enter a whole number from 1 to 65535[[ instead of {value}]]; mail is usually handed in at "
        "587 (STARTTLS) or 465 (implicit TLS).",
    ),
    "protocol_unknown": Text(
        "“{value}” is not a TLS version",
        "Choose among TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3, or leave the list empty.",
    ),
    "cipher_unknown": Text(
        "“{value}” is not a cipher suite",
        "Correct {name}: it lists suites by their names in Java, such as "
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, with blanks between them; senders on Java fail "
        "with “{value}”.",
    ),
    "credentials_missing": Text(
        "The sign-in lacks the {field}",
        "Enter the {field}, or choose the sign-in method “none”[[ if {host} needs no sign-in]].",
    ),
    "control_characters": Text(
        "A value holds a control character",
        "Remove line breaks, tabs and other control characters from {field}; they often come "
        "with pasted text.",
    ),
    "address_not_allowed": Text(
        "Tests may not reach this address or port",
        "This deployment does not let tests reach {host} at port {port}; the operator can allow it "
        "with RELAYBOOK_PROBE_ALLOW.",
    ),
    "host_not_found": Text(
        "The name {host} does not exist",
        "Check the spelling of {host}[[ (an alias of {alias}, which does not exist)]]"
        "[[; perhaps {suggestion} is meant]]; if it is an internal name, the tester must use a "
        "name server that knows it.",
    ),
    "host_has_no_address": Text(
        "The name {host} has no address",
        "{host}[[ (an alias of {alias})]] exists but has no IPv4 or IPv6 address; enter the name "
        "of the mail server itself[[, perhaps {suggestion}]].",
    ),
    "dns_server_failure": Text(
        "The name servers could not answer for {host}",
        "The look-up of {host} ended with an error[[ ({answer})]]; check the zone and its name "
        "servers, and test again later.",
    ),
    "dns_timeout": Text(
        "No name server answered in time",
        "The look-up of {host} took longer than {limit_ms} ms; check the name servers that the "
        "tester uses, and test again.",
    ),
    "refused": Text(
        "Nothing listens at {host} port {port}",
        "{addresses} refused the connection; check the port (587 for STARTTLS, 465 for implicit "
        "TLS, 25 between servers) and whether the mail server runs.",
    ),
    "connect_timeout": Text(
        "{host} does not answer at port {port}",
        "No answer from {addresses} within {limit_ms} ms; usually a firewall drops the packets, so "
        "check the host, the port and the outgoing rules of this network[[; many networks let no "
        "port {often_blocked} out, so try 587]].",
    ),
    "unreachable": Text(
        "There is no route to {host}",
        "{addresses} cannot be reached from the tester; check the address and the routes or "
        "firewall rules between the two networks.",
    ),
    "connection_reset": Text(
        "The connection was reset",
        "{host} port {port} accepted the connection and then broke it; a firewall or an address "
        "filter in front of the server usually does this, so check whether it admits the tester.",
    ),
    "local_address_invalid": Text(
        "The local address is not on this machine",
        "Set mail.smtp.localaddress to an address of the machine that sends, or remove it; "
        "{local_address} cannot be used here.",
    ),
    "deadline_exceeded": Text(
        "The test took too long",
        "Test again; the test was stopped[[ after {limit_ms} ms]] before it ended[[, with most of "
        "the time gone in the step “{slowest}”: look there first]].",
    ),
    "no_tester": Text(
        "Nobody carried out the test",
        "No connection tester took the test in time; check that relaybook-tester runs and reaches "
        "the message bus and the API, then test again.",
    ),
    "cancelled": Text(
        "The test was cancelled",
        "Somebody stopped the test before it ended; start it again when needed.",
    ),
    "ok": Text(
        "The setting works",
        "Everything that was asked for works at {host} port {port}; nothing needs to be changed.",
    ),
}
