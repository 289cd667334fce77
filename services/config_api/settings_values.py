"""How the text of each variable is read; every function raises ValueError with a reason."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from events.reach import ReachPolicy
from services.config_api.domain.secret import Secret

MASTER_KEY_BYTES = 32
LOST = "lost"
MAX_PORT = 65_535
#: The ends of names that `formats.registry` knows.
SETTINGS_SUFFIXES = (".xml", ".json", ".yaml", ".yml", ".csv")
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_PERIOD = re.compile(r"(\d{1,6})([smhd])")
_LONGEST_PERIOD = timedelta(days=366)
_RATE = re.compile(r"(\d{1,6})/(second|minute|hour|day)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bind:
    """Where the HTTP API listens; `host` of IPv6 is without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """At most `count` in `seconds`."""

    count: int
    seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """A rate, or None where there is none (`off`)."""

    rate: Rate | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Every:
    """A period, or None where there is none (`off`)."""

    period: timedelta | None


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def one_of(*words: str) -> Callable[[str], str]:
    """Return a reader of one of some words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return text

    return read


def database_url(text: str) -> str:
    """Read `postgresql+psycopg://…` or `sqlite:///FILE`."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError("must be a URL such as postgresql+psycopg://USER@HOST/NAME") from None
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database not in {None, "", ":memory:"}:
        return text
    if backend == "postgresql" and url.drivername in {"postgresql", "postgresql+psycopg"}:
        return text
    raise ValueError("must be a postgresql+psycopg:// URL or name a file by sqlite:///")


def broker_url(text: str) -> str:
    """Read `amqp://…` or `amqps://…`."""
    parts = urlsplit(text)
    if parts.scheme not in {"amqp", "amqps"} or not parts.hostname:
        raise ValueError("must be an amqp:// or amqps:// URL")
    return text


def web_url(text: str) -> str:
    """Read an http or https URL without query; a slash at its end goes."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an http:// or https:// URL without query")
    return text.rstrip("/")


def host_and_port(text: str) -> Bind:
    """Read HOST:PORT; an IPv6 address stands in brackets."""
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]\s]+)):(\d{1,5})", text)
    if match is None or int(match[3]) > MAX_PORT:
        raise ValueError("must be HOST:PORT, such as 127.0.0.1:8587 or [::1]:8587")
    if match[1] is not None:
        ipaddress.IPv6Address(match[1])
    return Bind(host=match[1] or match[2], port=int(match[3]))


def directory(text: str) -> Path:
    """Read a path; it need not be there yet."""
    return Path(text).absolute()


def existing_file(text: str) -> Path:
    """Read the path of a file that is there."""
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"names no file: {text}")
    return path.absolute()


def writable_file(text: str) -> Path:
    """Read the path of a file that need not be there yet, in a folder that is."""
    path = Path(text).absolute()
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError(f"must name a file in a folder that is there: {text}")
    return path


def settings_file(text: str) -> Path:
    """Read the path of a file of settings that is there; the end of its name tells its format."""
    path = existing_file(text)
    if path.suffix.lower() not in SETTINGS_SUFFIXES:
        raise ValueError(f"must end in {', '.join(SETTINGS_SUFFIXES)}: {text}")
    return path


def master_key(text: str) -> Secret:
    """Read keys of 32 bytes in base64, parted by white space: the first wraps, all unwrap.

    The word `lost` is for who has none any more, but a database with secrets.
    """
    keys = text.split()
    if keys == [LOST]:
        return Secret("")
    if not keys or any(_base64_size(key) != MASTER_KEY_BYTES for key in keys):
        raise ValueError(f"must be {MASTER_KEY_BYTES} bytes in base64, or several such keys")
    return Secret(text)


def _base64_size(text: str) -> int:
    try:
        return len(base64.b64decode(text, validate=True))
    except ValueError:
        return 0


def resolvers(text: str) -> tuple[str, ...]:
    """Read a comma list of `IP[:PORT]`, IPv6 with a port in brackets."""
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    wrong = [one for one in found if not _is_resolver(one)]
    if wrong:
        raise ValueError(f"not IP[:PORT]: {', '.join(map(repr, wrong))}")
    return found


def _is_resolver(text: str) -> bool:
    with suppress(ValueError):
        ipaddress.ip_address(text)
        return True
    with suppress(ValueError):
        bind = host_and_port(text)
        ipaddress.ip_address(bind.host)
        return bind.port > 0
    return False


def allowed_reach(text: str) -> str:
    """Read a list of addresses and ports that tests may reach."""
    ReachPolicy.parse(text, "")
    return text


def denied_reach(text: str) -> str:
    """Read a list of addresses and ports that tests may not reach."""
    ReachPolicy.parse("", text)
    return text


def limit(text: str) -> Limit:
    """Read a rate such as `30/minute`, or `off`."""
    if text == "off":
        return Limit(rate=None)
    match = _RATE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ValueError("must be COUNT/second, /minute, /hour or /day, or off")
    return Limit(rate=Rate(count=int(match[1]), seconds=_SECONDS[match[2]]))


def every(text: str) -> Every:
    """Read a period such as `24h` or `30m`, of a second to 366 days, or `off`."""
    if text == "off":
        return Every(period=None)
    match = _PERIOD.fullmatch(text)
    period = timedelta(seconds=int(match[1]) * _UNITS[match[2]]) if match else timedelta(0)
    if not timedelta(0) < period <= _LONGEST_PERIOD:
        raise ValueError("must be a period such as 24h, 30m, 90s or 7d, at most 366d, or off")
    return Every(period=period)
