"""Sentences about the first words of the dialogue: banner and EHLO."""

from events.diagnosis.texts.text import Text, Texts

TEXTS: Texts = {
    "no_greeting": Text(
        "The server says nothing",
        "{host} port {port} accepted the connection but sent no greeting within {limit_ms} ms; "
        "check that it is the port of an SMTP server and that no filter holds the connection.",
    ),
    "closed_before_greeting": Text(
        "The server hung up before its greeting",
        "{host} port {port} closed the connection at once; check whether it admits the tester's "
        "address and whether the mail service behind it runs.",
    ),
    "too_slow": Text(
        "The server's answer never ends",
        "{host} port {port} sent an answer that was not complete within {limit_ms} ms or 32 KiB; "
        "check the host and the port, or ask the server's operator.",
    ),
    "port_expects_tls": Text(
        "Port {port} expects TLS from the first byte",
        "Change the security to implicit TLS for {host} port {port}.",
    ),
    "refused_by_policy": Text(
        "The server refuses this client",
        "Ask the operator of {host} to admit the sending address[[; the server said: “{reply}”]].",
    ),
    "temporarily_unavailable": Text(
        "The server is not available now",
        "Test again later, the setting may be right[[; the server said: “{reply}”]].",
    ),
    "too_many_connections": Text(
        "The server has too many connections",
        "Test again later; if it stays, ask the operator of {host} for a higher limit"
        "[[; the server said: “{reply}”]].",
    ),
    "client_certificate_required": Text(
        "The server wants a client certificate",
        "{host} port {port} admits only clients with a certificate of their own; use a port or a "
        "server that takes a user and password instead[[; the server said: “{reply}”]].",
    ),
    "not_smtp": Text(
        "This is not an SMTP server",
        "Enter the host and port of the mail server, usually 587 or 465; {host} port {port} said: "
        "“{reply}”.",
    ),
    "not_smtp_http": Text(
        "A web server answers",
        "{host} port {port} speaks HTTP; enter the name and port of the SMTP server, usually 587 "
        "or 465.",
    ),
    "not_smtp_imap": Text(
        "An IMAP server answers",
        "{host} port {port} is for reading mail (IMAP, usually 143 or 993); enter the SMTP port, "
        "usually 587 or 465.",
    ),
    "not_smtp_pop3": Text(
        "A POP3 server answers",
        "{host} port {port} is for fetching mail (POP3, usually 110 or 995); enter the SMTP port, "
        "usually 587 or 465.",
    ),
    "not_smtp_ssh": Text(
        "An SSH server answers",
        "{host} port {port} is for remote login (SSH, usually 22); enter the SMTP port, usually "
        "587 or 465.",
    ),
    "not_smtp_ftp": Text(
        "An FTP server answers",
        "{host} port {port} is for file transfer (FTP, usually 21); enter the SMTP port, usually "
        "587 or 465.",
    ),
    "closed_after_ehlo": Text(
        "The server hung up after the client's name",
        "{host} closed the connection after EHLO {ehlo_name}; set mail.smtp.localhost to a name "
        "that it accepts, or ask its operator to admit the sending address.",
    ),
    "ehlo_name_refused": Text(
        "The server refuses the client's name",
        "Set mail.smtp.localhost to a full host name that {host} accepts instead of {ehlo_name}"
        "[[; the server said: “{reply}”]].",
    ),
    "protocol_error": Text(
        "The server breaks the protocol",
        "{host} port {port} answered what SMTP does not allow; check that no filter changes the "
        "dialogue, or ask its operator[[; it said: “{reply}”]].",
    ),
}
