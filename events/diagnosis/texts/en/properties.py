"""Sentences of warnings about session properties and what senders on Java make of them."""

from events.diagnosis.texts.text import Text, Texts

WARNINGS: Texts = {
    "unknown_property": Text(
        "The session property {name} is not known",
        "Check the spelling of {name}[[; perhaps {suggestion} is meant]].",
    ),
    "property_value_ignored": Text(
        "The value of {name} has no effect",
        "Correct “{value}”: senders on Java ignore it silently and use the default of {name}"
        "[[, {default}]].",
    ),
    "property_for_java_only": Text(
        "{name} means something inside Java only",
        "Senders on Java honour {name}; connection tests leave it out, so try it there.",
    ),
    "property_list_separator": Text(
        "The parts of {name} are separated by blanks",
        "Enter “{suggestion}” instead of “{value}”.",
    ),
    "property_without_effect": Text(
        "{name} has no effect here",
        "Remove {name}, or set what it needs: with the other values of this setting senders on "
        "Java do not look at it.",
    ),
    "java_skips_sign_in": Text(
        "Senders on Java would go on without signing in",
        "Have sign-in switched on at {host} port {port}, or choose the port that offers it; "
        "Jakarta Mail connects there without the password and fails only later, if at all.",
    ),
    "java_lacks_mechanism": Text(
        "Jakarta Mail does not know {mechanism}",
        "Have LOGIN or PLAIN offered under TLS if services on Java send by this setting; they find "
        "no mechanism of theirs among {offered}.",
    ),
    "cipher_outside_list": Text(
        "The list of cipher suites is not kept",
        "The server chose {cipher}, which {name} does not list; for TLS 1.3 the test cannot narrow "
        "the suites, so senders on Java may fail where it passes.",
    ),
    "noop_refused": Text(
        "The server does not confirm {command}",
        "Set mail.smtp.noop.strict=false, or mail.smtp.userset=true to ask by RSET; otherwise "
        "senders on Java take an open connection for a lost one[[; the server said: “{reply}”]].",
    ),
}
