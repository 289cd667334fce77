"""Situations that session properties make: proxies, trust, ciphers, and what Java would do."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tests.integration.zoo.behaviours import saying, script
from tests.integration.zoo.situation import Place, Situation, Zoo, nowhere, peer, real
from tests.integration.zoo.transport import limited, under_starttls
from tests.support.ports import free_port
from tests.support.smtp.by_proxy import by_proxy
from tests.support.smtp.certificates import HOST
from tests.support.smtp.peer import running_peer
from tests.support.smtp.proxies import running_microsocks, running_tinyproxy
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

STARTTLS = {"security": "starttls"}
SUITE = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"


def _behind(
    kind: str, *, target: bool = True, **options: Any
) -> Callable[[Zoo], AbstractContextManager[Place]]:
    """Open a real proxy, and behind it a good server unless `target` says that there is none."""

    @contextmanager
    def opened(_zoo: Zoo) -> Iterator[Place]:
        run = running_tinyproxy if kind == "proxy" else running_microsocks
        with (
            TemporaryDirectory() as folder,
            run(Path(folder), **options) as proxy,
            running_peer(SmtpScript()) as server,
        ):
            asked = {"host": "127.0.0.1", "properties": by_proxy(proxy, kind)}
            yield Place(port=server.port if target else free_port(), asked=asked)

    return opened


@contextmanager
def _no_proxy(_zoo: Zoo) -> Iterator[Place]:
    with running_peer(SmtpScript()) as server:
        asked = {"host": "127.0.0.1", "properties": by_proxy(free_port())}
        yield Place(port=server.port, asked=asked)


@contextmanager
def _mail_server_as_proxy(_zoo: Zoo) -> Iterator[Place]:
    with running_peer(saying("220 mail ready\r\n")) as proxy:
        asked = {"host": "127.0.0.1", "properties": by_proxy(proxy.port)}
        yield Place(port=587, asked=asked | {"timeout_ms": 500})


def _told(code: str, **facts: Any) -> dict[str, Any]:
    """Return what the API says beside a claim about the setting's properties."""
    return {"warnings": [{"code": code, "facts": {"name": "mail.smtp.x"} | facts}]}


def _with(**properties: str) -> dict[str, Any]:
    return {"properties": {f"mail.smtp.{name}": value for name, value in properties.items()}}


def _tls_1_2(zoo: Zoo) -> ssl.SSLContext:
    return limited(zoo.context(), ssl.TLSVersion.TLSv1_2)


CLAIMED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("unknown_property", {"suggestion": "mail.smtp.y"}),
    ("property_value_ignored", {"value": "5s", "default": "∞"}),
    ("property_for_java_only", {}),
    ("property_list_separator", {"value": "LOGIN,PLAIN", "suggestion": "LOGIN PLAIN"}),
    ("property_without_effect", {}),
    ("starttls_ignored", {}),
)
BY_PROPERTIES = (
    *(
        Situation(title=f"the API told of the setting: {code}", opened=peer(script()), code="ok",
                  step="quit", claim=_told(code, **facts), warnings=frozenset({code}))
        for code, facts in CLAIMED
    ),
    *(
        Situation(title=f"a server behind {server}", server=server, opened=_behind(kind), code="ok",
                  step="quit")
        for server, kind in (("tinyproxy", "proxy"), ("microsocks", "socks"))
    ),
    *(
        Situation(title="wants a sign-in", server=server, opened=_behind(kind, user=True),
                  code="proxy_auth_required", step="proxy")
        for server, kind in (("tinyproxy", "proxy"), ("microsocks", "socks"))
    ),
    *(
        Situation(title="cannot reach the server", server=server, step="proxy",
                  opened=_behind(kind, target=False), code="proxy_target_unreachable")
        for server, kind in (("tinyproxy", "proxy"), ("microsocks", "socks"))
    ),
    Situation(title="lets only port 443 through", server="tinyproxy", step="proxy",
              opened=_behind("proxy", port_only=443), code="proxy_denied"),
    Situation(title="the proxy does not run", server="none", opened=_no_proxy, step="proxy",
              code="proxy_unreachable"),
    Situation(title="the proxy is a mail server", opened=_mail_server_as_proxy, step="proxy",
              code="proxy_protocol_error"),
    Situation(title="a cipher suite that nobody knows", opened=nowhere(587), server="none",
              asked=STARTTLS | _with(**{"ssl.ciphersuites": "ECDHE-RSA-AES128-SHA"}),
              step="config", code="cipher_unknown"),
    Situation(title="a TLS 1.3 suite beyond the list", opened=peer(under_starttls(), made=True),
              asked=STARTTLS | _with(**{"ssl.ciphersuites": "TLS_AES_128_GCM_SHA256"}), step="quit",
              code="ok", warnings=frozenset({"cipher_outside_list"})),
    Situation(title="a TLS 1.2 suite of the list", opened=peer(under_starttls(_tls_1_2), made=True),
              asked=STARTTLS | _with(**{"ssl.ciphersuites": SUITE}), step="quit", code="ok"),
    Situation(title="the host is not in the trust list", opened=peer(under_starttls(), made=True),
              asked=STARTTLS | _with(**{"ssl.trust": "other.example"}), step="tls",
              code="not_in_trust_list", warnings=frozenset({"certificate_not_verified"})),
    Situation(title="the host is in the trust list", opened=peer(under_starttls(), made=True),
              asked=STARTTLS | _with(**{"ssl.trust": HOST}), step="quit", trusted=False,
              code="ok", warnings=frozenset({"certificate_not_verified"})),
    Situation(title="every certificate is trusted", server="Postfix", trusted=False,
              opened=real("postfix", "starttls_port"), step="quit", code="ok",
              asked=STARTTLS | _with(**{"ssl.trust": "*"}) | {"timeout_ms": 9_000},
              warnings=frozenset({"certificate_not_verified"})),
    Situation(title="the name is not compared", step="quit", code="ok",
              opened=peer(under_starttls(lambda zoo: zoo.context(names=("a.example",))), made=True),
              asked=STARTTLS | _with(**{"ssl.checkserveridentity": "false"}),
              warnings=frozenset({"identity_not_checked"})),
    Situation(title="the property asks for HELO alone", opened=peer(SmtpScript()), step="quit",
              asked=_with(ehlo="false") | {"method": "none"}, code="ok",
              warnings=frozenset({"helo_only"})),
    Situation(title="Java has none of the mechanisms", opened=real("dovecot", "starttls_port"),
              server="Dovecot", step="quit", code="ok",
              asked=STARTTLS | _with(**{"auth.mechanisms": "SCRAM-SHA-256"})
              | {"timeout_ms": 9_000},
              warnings=frozenset({"java_lacks_mechanism"})),
    Situation(title="does not confirm NOOP", opened=peer(script(NOOP="500 what?\r\n")), step="quit",
              asked=_with(**{"noop.strict": "true"}), code="ok",
              warnings=frozenset({"noop_refused"})),
)  # fmt: skip
