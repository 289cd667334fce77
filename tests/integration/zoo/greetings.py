"""Situations about the first words: banner and EHLO."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.integration.zoo.behaviours import (
    answering_hello,
    babble,
    closing,
    endless,
    hang_up,
    reset,
    resetting,
    say_nothing,
    saying,
    script,
    silent,
)
from tests.integration.zoo.situation import Situation, peer, real
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.support.smtp.peer import Connection

QUICK = {"timeout_ms": 500}
SAID = (
    ("refuses everybody", "554 5.7.1 no service for you\r\n", "refused_by_policy"),
    ("is on no good terms with the client", "550 5.7.1 You are banned\r\n", "refused_by_policy"),
    ("takes no mail at all", "521 mx.acme.example does not accept mail\r\n", "refused_by_policy"),
    ("refuses in several lines", "554-mx.acme.example\r\n554 rejected: poor reputation\r\n",
     "refused_by_policy"),
    ("shuts down", "421 4.3.2 service shutting down\r\n", "temporarily_unavailable"),
    ("is busy", "450 busy\r\n", "temporarily_unavailable"),
    ("has a problem", "421 4.7.0 Temporary System Problem. Try again later.\r\n",
     "temporarily_unavailable"),
    ("counts connections", "421 4.7.0 Error: too many connections from 127.0.0.1\r\n",
     "too_many_connections"),
    ("counts connections, without an enhanced code",
     "421 Too many concurrent SMTP connections; please try again later.\r\n",
     "too_many_connections"),
    ("counts connections for ever", "554 5.7.1 Too many connections from your IP\r\n",
     "too_many_connections"),
    ("reads mail (IMAP)", "* OK [CAPABILITY IMAP4rev1] ready\r\n", "not_smtp_imap"),
    ("reads mail and is full (IMAP)", "* BYE too many users\r\n", "not_smtp_imap"),
    ("fetches mail (POP3)", "+OK POP3 ready <1@mx>\r\n", "not_smtp_pop3"),
    ("refuses as POP3 does", "-ERR maintenance\r\n", "not_smtp_pop3"),
    ("logs in from afar (SSH)", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "not_smtp_ssh"),
    ("speaks HTTP first", "HTTP/1.1 400 Bad Request\r\n\r\n", "not_smtp_http"),
    ("speaks NNTP", "200 news.acme.example ready (posting ok)\r\n", "not_smtp"),
    ("is a database", "J\0\0\0\n5.7.42-mysql\0", "not_smtp"),
    ("is polite and no server", "hello there\r\n", "not_smtp"),
)  # fmt: skip
ANSWERED = (
    ("dislikes the client's name", "550 5.7.1 bad HELO name\r\n", "ehlo_name_refused", "ehlo"),
    ("cannot parse the client's name", "501 Syntactically invalid EHLO argument(s)\r\n",
     "ehlo_name_refused", "ehlo"),
    ("shuts down", "421 4.3.2 shutting down\r\n", "temporarily_unavailable", "ehlo"),
    ("writes no number", "25O what\r\n", "protocol_error", "ehlo"),
    ("changes its number", "250-a\r\n251 b\r\n", "protocol_error", "ehlo"),
    ("greets again", "220 mx.acme.example once more\r\n", "protocol_error", "ehlo"),
    ("answers as a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", "not_smtp_http", "banner"),
    ("writes a line without end", "250-" + "x" * 40_000 + "\r\n", "too_slow", "ehlo"),
    ("hangs up", hang_up, "closed_after_ehlo", "ehlo"),
    ("resets the connection", reset, "connection_reset", "ehlo"),
    ("says nothing more", say_nothing, "reply_timeout", "ehlo"),
    ("never ends its answer", babble, "too_slow", "ehlo"),
)  # fmt: skip
FTP = (
    ("220 (vsFTPd 3.0.3)\r\n", "530 Please login with USER and PASS.\r\n"),
    ("220 FileZilla Server 1.8.1\r\n", "500 Syntax error, command unrecognized.\r\n"),
    ("220 mail.acme.example FTP server (ProFTPD) ready.\r\n", "500 EHLO not understood\r\n"),
    ("220 ready\r\n", "530 Please login with USER and PASS\r\n"),
    ("220 You are user 1 of 50\r\n", "530 You aren't logged in\r\n"),
    ("220 Welcome\r\n", "530 Not logged in.\r\n"),
)


def _slowly(answer: str, seconds: float) -> Callable[[Connection], Awaitable[None]]:
    async def greet(connection: Connection) -> None:
        await asyncio.sleep(seconds)
        await SmtpScript(banner=answer)(connection)

    return greet


async def _dripping(connection: Connection) -> None:
    for character in "220 mx.acme.example ESMTP" + "." * 1000:
        await connection.send(character)
        await asyncio.sleep(0.02)


GREETINGS = (
    *(
        Situation(title=f"greeting: {title}", opened=peer(saying(words)), asked=QUICK, code=code,
                  step="banner")
        for title, words, code in SAID
    ),
    *(
        Situation(title=f"EHLO: {title}", opened=peer(script(EHLO=answer)), asked=QUICK, code=code,
                  step=step)
        for title, answer, code, step in ANSWERED
    ),
    *(
        Situation(title=f"transfers files, {banner.strip()}", code="not_smtp_ftp", step="banner",
                  opened=peer(SmtpScript(banner=banner, answers={"EHLO": no, "HELO": no})))
        for banner, no in FTP
    ),
    Situation(title="says nothing", opened=peer(silent), asked=QUICK, code="no_greeting",
              step="banner"),
    Situation(title="hangs up at once", opened=peer(closing), asked=QUICK, step="banner",
              code="closed_before_greeting"),
    Situation(title="resets at once", opened=peer(resetting), asked=QUICK, step="banner",
              code="connection_reset"),
    Situation(title="greets without end", opened=peer(endless), asked=QUICK, step="banner",
              code="too_slow"),
    Situation(title="greets letter by letter", opened=peer(_dripping), asked=QUICK, step="banner",
              code="too_slow"),
    Situation(title="a web server waits to be asked", code="not_smtp_http", step="banner",
              opened=peer(answering_hello(b"HTTP/1.1 400 Bad Request\r\n\r\n")), asked=QUICK),
    Situation(title="a web page comes instead", code="not_smtp_http", step="banner",
              opened=peer(answering_hello(b"<html><h1>400</h1></html>\r\n")), asked=QUICK),
    Situation(title="a good server", opened=peer(SmtpScript()), code="ok", step="quit"),
    Situation(title="greets in several lines", code="ok", step="quit",
              opened=peer(SmtpScript(banner="220-mx\r\n220-no spam\r\n220 ready\r\n"))),
    Situation(title="greets late", code="ok", opened=peer(_slowly("220 mx\r\n", 3.1)),
              step="quit", asked={"timeout_ms": 9_000}, warnings=frozenset({"slow_greeting"})),
    Situation(title="ends its lines with LF alone", code="ok", step="quit",
              opened=peer(SmtpScript(banner="220 mx.acme.example\n")),
              warnings=frozenset({"bare_lf"})),
    Situation(title="does not answer QUIT", opened=peer(script(QUIT=hang_up)), code="ok",
              step="quit", warnings=frozenset({"quit_no_answer"})),
    Situation(title="knows HELO alone", opened=peer(script(EHLO="502 what?\r\n")), code="ok",
              step="quit", asked={"method": "none"}, warnings=frozenset({"helo_fallback"})),
    Situation(title="refuses EHLO and HELO alike", code="ehlo_name_refused", step="ehlo",
              opened=peer(script(EHLO="500 what?\r\n", HELO="501 5.5.4 invalid name\r\n"))),
    Situation(title="refuses every client by restriction", server="Postfix", step="banner",
              opened=real("postfix", "closed_port"), code="refused_by_policy"),
    Situation(title="has seen too many connections", server="Postfix", step="banner",
              opened=real("postfix", "busy_port"), code="too_many_connections"),
    Situation(title="refuses the client's name", server="Postfix", step="ehlo",
              opened=real("postfix", "helo_port"), code="ehlo_name_refused"),
    Situation(title="refuses every client by access list", server="Exim", step="banner",
              opened=real("exim", "closed_port"), code="refused_by_policy"),
    Situation(title="refuses the client's name", server="Exim", step="ehlo",
              opened=real("exim", "plain_port"), code="ehlo_name_refused",
              asked={"properties": {"mail.smtp.localhost": "refused.acme.example"}}),
)  # fmt: skip
