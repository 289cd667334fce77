"""Sentences about sender, recipient and message."""

from events.diagnosis.texts.text import Text, Texts

TEXTS: Texts = {
    "smtputf8_not_offered": Text(
        "The server takes only ASCII addresses",
        "Use an address in ASCII letters instead of {address}, or have SMTPUTF8 switched on at "
        "{host}.",
    ),
    "auth_required": Text(
        "The server wants a sign-in before it takes mail",
        "Choose the sign-in method password or access token and enter the credentials that {host} "
        "has given out for sending[[; the server said: “{reply}”]].",
    ),
    "tls_required": Text(
        "The server takes no mail without TLS",
        "Change the security to STARTTLS, or to implicit TLS with port 465[[; the server said: "
        "“{reply}”]].",
    ),
    "sender_refused": Text(
        "The server refuses the sender {sender}",
        "Use a sender address whose domain exists and may send through {host}[[; the server said: "
        "“{reply}”]].",
    ),
    "sender_not_allowed": Text(
        "This sign-in may not send as {sender}",
        "Use the address of the account[[ {user}]] as the sender, or have it granted the right to "
        "send as {sender}[[; the server said: “{reply}”]].",
    ),
    "sender_not_verified": Text(
        "The sender {sender} is not verified",
        "Have the address or its domain verified at the provider, and check its SPF and DKIM "
        "records[[; the server said: “{reply}”]].",
    ),
    "message_too_large": Text(
        "The message is too large for the server",
        "Have the size limit of {host} raised; the test's message has a few hundred bytes only[[; "
        "the server said: “{reply}”]].",
    ),
    "relay_denied": Text(
        "The server does not pass mail on to {recipient}",
        "Sign in with an account that may send to other domains, use the submission port 587 or "
        "465, or have the sending address admitted at {host}[[; the server said: “{reply}”]].",
    ),
    "recipient_unknown": Text(
        "The server does not know the recipient {recipient}",
        "Test with an address that exists; the setting itself got as far as the recipient[[; the "
        "server said: “{reply}”]].",
    ),
    "greylisted": Text(
        "The server asks to come back later (greylisting)",
        "Test again in some minutes; this is not an error of the setting[[; the server said: "
        "“{reply}”]].",
    ),
    "blocklisted": Text(
        "The sending address is on a block list",
        "Have the address of the sending machine taken off the list that {host} names, or send "
        "through another server[[; the server said: “{reply}”]].",
    ),
    "mailbox_full": Text(
        "The mailbox of {recipient} is full",
        "Test with another recipient; this is not an error of the setting[[; the server said: "
        "“{reply}”]].",
    ),
    "reply_timeout": Text(
        "The server did not answer {command}",
        "{host} gave no answer to {command} within {limit_ms} ms; raise the timeout of the "
        "setting, or ask the server's operator what its checks wait for.",
    ),
    "content_rejected": Text(
        "The server refuses the message",
        "Ask the operator of {host} which rule for content has refused the test's message from "
        "{sender}[[; the server said: “{reply}”]].",
    ),
    "closed_in_data": Text(
        "The server hung up while it took the message",
        "Look into the mailbox of {recipient} before the next test: the message may have been "
        "sent, so it was not tried again; the log of {host} tells why the connection ended.",
    ),
}
