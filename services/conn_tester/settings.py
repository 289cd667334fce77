"""What the environment says, read once into one frozen object."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from events.bus.embedded.bus import SCHEME, embedded_url
from events.reach import SMTP_PORTS, WEB_PORTS, InvalidReach, ReachPolicy
from events.tracing.configuring import wrong_tracing
from services.conn_tester.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

_LOG_LEVELS: Final = ("debug", "info", "warning", "error")
_LOG_FORMATS: Final = ("json", "console")
_BROKER_SCHEMES: Final = frozenset({"amqp", "amqps", SCHEME})
_DNS_PORT: Final = 53
_LAST_PORT: Final = 65535
_MOST_TESTS: Final = 10_000
_SHORTEST_MS, _LONGEST_MS = 1_000, 600_000


class InvalidSettings(ValueError):
    """Variables with wrong values; `wrong` holds (name, reason) of all of them."""

    def __init__(self, wrong: tuple[tuple[str, str], ...]) -> None:
        super().__init__("\n".join(f"{name}: {reason}" for name, reason in wrong))
        self.wrong = wrong


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Every value that the tester reads from its environment (contract §2).

    `reach` is the policy for tests, `web_reach` for https. `token` None means the file
    `token_path`, which is read when it is needed; `log_format` None
    means console on a terminal, JSON elsewhere; `metrics_bind` is where Prometheus is answered; no
    `dns_servers` means the system's.
    """

    url: str
    token: Secret | None
    token_path: Path
    broker_url: str
    reach: ReachPolicy
    web_reach: ReachPolicy
    concurrency: int
    deadline_ms: int
    ca_pem: str | None
    dns_servers: tuple[tuple[str, int], ...]
    log_level: str
    log_format: str | None
    metrics_bind: tuple[str, int] | None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the variables; raises InvalidSettings with all that is wrong."""
    reader = _Reader(environ)
    data_dir = Path(reader.text("RELAYBOOK_DATA_DIR") or "./var").absolute()
    token_file = reader.text("RELAYBOOK_TOKEN_FILE")
    settings = Settings(
        url=reader.value("RELAYBOOK_URL", _web_url, "http://127.0.0.1:8587"),
        token=reader.value("RELAYBOOK_TOKEN", _secret, ""),
        token_path=Path(token_file) if token_file else data_dir / "tester.token",
        broker_url=reader.secret(
            "RELAYBOOK_BROKER_URL", _broker_url, embedded_url(data_dir / "bus.db")
        ),
        reach=reader.reach(SMTP_PORTS),
        web_reach=reader.reach(WEB_PORTS),
        concurrency=reader.value("RELAYBOOK_PROBE_CONCURRENCY", _number(1, _MOST_TESTS), "256"),
        deadline_ms=reader.value(
            "RELAYBOOK_PROBE_DEADLINE_MS", _number(_SHORTEST_MS, _LONGEST_MS), "60000"
        ),
        ca_pem=reader.value("RELAYBOOK_CA_FILE", _certificates, ""),
        dns_servers=reader.value("RELAYBOOK_DNS_SERVERS", _name_servers, ""),
        log_level=reader.value("RELAYBOOK_LOG_LEVEL", _one_of(_LOG_LEVELS), "info"),
        log_format=reader.value("RELAYBOOK_LOG_FORMAT", _one_of(_LOG_FORMATS), "") or None,
        metrics_bind=reader.value("RELAYBOOK_METRICS_BIND", _host_and_port, ""),
    )
    if settings.token and token_file:
        reader.wrong.append(("RELAYBOOK_TOKEN", "is set, and RELAYBOOK_TOKEN_FILE as well"))
    if token_file and not settings.token_path.is_file():
        reader.wrong.append(("RELAYBOOK_TOKEN_FILE", f"there is no file {token_file}"))
    reader.wrong += [(one.name, one.reason) for one in wrong_tracing(environ)]
    if reader.wrong:
        raise InvalidSettings(tuple(reader.wrong))
    return settings


class _Reader:
    """Reads variable by variable; an empty one counts as not set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.wrong: list[tuple[str, str]] = []

    def text(self, name: str) -> str:
        return self._environ.get(name, "").strip()

    def value(self, name: str, parse: Callable[[str], T], default: str) -> T:
        text = self.text(name)
        if text:
            try:
                return parse(text)
            except (OSError, ValueError) as error:
                self.wrong.append((name, str(error)))
        return parse(default)

    def secret(self, name: str, parse: Callable[[str], T], default: str) -> T:
        """Read NAME, or the file that NAME_FILE names."""
        path = self.text(f"{name}_FILE")
        if not path:
            return self.value(name, parse, default)
        if self.text(name):
            self.wrong.append((name, f"is set, and {name}_FILE as well"))
            return parse(default)
        try:
            return parse(Path(path).read_text("utf-8").strip() or default)
        except (OSError, ValueError) as error:
            self.wrong.append((f"{name}_FILE", str(error)))
            return parse(default)

    def reach(self, open_ports: frozenset[int]) -> ReachPolicy:
        allow, deny = self._list("RELAYBOOK_PROBE_ALLOW"), self._list("RELAYBOOK_PROBE_DENY")
        return ReachPolicy.parse(allow, deny, open_ports=open_ports)

    def _list(self, name: str) -> str:
        text = self.text(name)
        try:
            ReachPolicy.parse(text, "")
        except InvalidReach as error:
            if (wrong := (name, str(error))) not in self.wrong:
                self.wrong.append(wrong)
            return ""
        return text


def _web_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be http://HOST[:PORT] or https://HOST[:PORT]")
    return text.rstrip("/")


def _broker_url(text: str) -> str:
    if urlsplit(text).scheme not in _BROKER_SCHEMES:
        raise ValueError("must begin with amqp:// or amqps://")
    return text


def _secret(text: str) -> Secret | None:
    return Secret(text) if text else None


def _number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return parse


def _host_and_port(text: str) -> tuple[str, int] | None:
    if not text:
        return None
    host, _, digits = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (digits.isascii() and digits.isdigit() and 1 <= int(digits) <= _LAST_PORT):
        raise ValueError("must be HOST:PORT")
    return host, int(digits)


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text and text not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return text

    return parse


def _certificates(path: str) -> str | None:
    if not path:
        return None
    pem = Path(path).read_text("ascii")
    if "-----BEGIN CERTIFICATE-----" not in pem:
        raise ValueError(f"{path} holds no certificate (PEM)")
    return pem


def _name_servers(text: str) -> tuple[tuple[str, int], ...]:
    return tuple(_name_server(part.strip()) for part in text.split(",") if part.strip())


def _name_server(text: str) -> tuple[str, int]:
    address, port = text, _DNS_PORT
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        port = _port(rest.removeprefix(":"), text) if rest else _DNS_PORT
    elif text.count(":") == 1:
        address, _, digits = text.partition(":")
        port = _port(digits, text)
    try:
        return str(ip_address(address)), port
    except ValueError:
        raise ValueError(f"{text!r} is not IP[:PORT]") from None


def _port(digits: str, text: str) -> int:
    if not (digits.isascii() and digits.isdigit() and 1 <= int(digits) <= _LAST_PORT):
        raise ValueError(f"{text!r} is not IP[:PORT]")
    return int(digits)
