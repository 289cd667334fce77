"""What the environment says (contract §2), read once into one frozen object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from services.config_api.domain.secret import Secret
from services.config_api.environment import (
    UNSET,
    Environment,
    Origin,
    WrongValue,
    show_masked,
    show_url,
)
from services.config_api.settings_openid import OpenIdSettings, read_openid
from services.config_api.settings_tracing import show_tracing
from services.config_api.settings_values import (
    Bind,
    Rate,
    allowed_reach,
    broker_url,
    database_url,
    denied_reach,
    directory,
    every,
    existing_file,
    host_and_port,
    limit,
    master_key,
    one_of,
    resolvers,
    settings_file,
    web_url,
    whole_number,
    writable_file,
)

T = TypeVar("T")

DATABASE_FILE = "relaybook.db"
MASTER_KEY_FILE = "master.key"
CHECKPOINT_FILE = "log.checkpoint"
_ADMIN_TOKEN_FILE = "admin.token"  # noqa: S105 -- a name
_BUS_FILE = "bus.db"
_DEADLINE_MS = whole_number(1_000, 600_000)
_LOG_LEVELS = ("debug", "info", "warning", "error")


class InvalidSettings(Exception):
    """The environment holds wrong values; all of them are in `wrong`."""

    def __init__(self, wrong: tuple[WrongValue, ...]) -> None:
        super().__init__("; ".join(f"{one.name} {one.reason}" for one in wrong))
        self.wrong = wrong


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Every value that this service reads from its environment.

    `broker_url` None is the embedded bus in `bus_path`; `master_key` may hold several keys, None is
    the file `master_key_path`; `master_key_file` is the file of them, None the environment;
    `token` None is the file `admin_token_path`; `test_rate` None is no limit;
    `retest_every` None is no re-test;
    `metrics_bind` is where relay and tester answer Prometheus, None is nowhere;
    `read_cache_mib` 0 keeps no answers;
    `log_format` None is console on a terminal, otherwise json; `defaults_file` None is no defaults;
    `checkpoint_file` None keeps no checkpoint outside the database;
    `openid` None is sign-in without a provider. The `probe_…` and `dns_servers` values are for the
    tester, which reads them itself: they are here to be checked and shown; `probe_allow`,
    `probe_deny` and `ca_file` also hold for the service's own connections.
    """

    data_dir: Path
    database_url: str
    migration_database_url: str
    url: str
    token: Secret | None
    broker_url: str | None
    master_key: Secret | None
    master_key_file: Path | None
    bind: Bind
    public_url: str | None
    trusted_proxies: int
    defaults_file: Path | None
    checkpoint_file: Path | None
    probe_allow: str
    probe_deny: str
    probe_concurrency: int
    probe_deadline_ms: int
    ca_file: Path | None
    dns_servers: tuple[str, ...]
    test_rate: Rate | None
    retest_every: timedelta | None
    read_cache_mib: int
    openid: OpenIdSettings | None
    log_level: str
    log_format: str | None
    metrics_bind: Bind | None
    origins: tuple[Origin, ...] = ()

    @property
    def embedded(self) -> bool:
        """True where the database is a file."""
        return self.database_url.startswith("sqlite")

    @property
    def base_url(self) -> str:
        """Where people reach the service: the public URL, otherwise the bind address."""
        return self.public_url or f"http://{self.bind}"

    @property
    def bus_path(self) -> Path:
        """The embedded bus's database."""
        return self.data_dir / _BUS_FILE

    @property
    def board_path(self) -> Path:
        """Where processes of one host tell each other of changes, on PostgreSQL."""
        return self.data_dir / "board"

    @property
    def master_key_path(self) -> Path:
        """The master key's file in embedded use."""
        return self.data_dir / MASTER_KEY_FILE

    @property
    def admin_token_path(self) -> Path:
        """The CLI's token."""
        return self.data_dir / _ADMIN_TOKEN_FILE

    @property
    def tester_token_path(self) -> Path:
        """The tester's token."""
        return self.data_dir / "tester.token"

    @property
    def sign_in_link_path(self) -> Path:
        """The first administrator's link."""
        return self.data_dir / "sign-in.link"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings of an environment such as `os.environ`; raises InvalidSettings."""
    env = Environment(environ)
    data_dir = env.value("RELAYBOOK_DATA_DIR", directory, "./var")
    database = _url(env, "RELAYBOOK_DATABASE_URL", f"sqlite:///{data_dir / DATABASE_FILE}")
    key_place, token_place = data_dir / MASTER_KEY_FILE, data_dir / _ADMIN_TOKEN_FILE
    given = _kept(env, "RELAYBOOK_MASTER_KEY", master_key, show_masked, key_place)
    settings = Settings(
        data_dir=data_dir,
        database_url=database,
        migration_database_url=_url(env, "RELAYBOOK_MIGRATION_DATABASE_URL", database),
        url=env.value("RELAYBOOK_URL", web_url, "http://127.0.0.1:8587"),
        token=_kept(env, "RELAYBOOK_TOKEN", Secret, show_masked, token_place),
        broker_url=_kept(env, "RELAYBOOK_BROKER_URL", broker_url, show_url, data_dir / _BUS_FILE),
        master_key=given,
        master_key_file=_key_file(environ, data_dir, given),
        bind=env.value("RELAYBOOK_BIND", host_and_port, "127.0.0.1:8587"),
        public_url=env.optional("RELAYBOOK_PUBLIC_URL", web_url),
        trusted_proxies=env.value("RELAYBOOK_TRUSTED_PROXIES", whole_number(0, 16), "0"),
        defaults_file=env.optional("RELAYBOOK_DEFAULTS_FILE", settings_file),
        checkpoint_file=_checkpoint_file(env, data_dir, database),
        probe_allow=env.optional("RELAYBOOK_PROBE_ALLOW", allowed_reach) or "",
        probe_deny=env.optional("RELAYBOOK_PROBE_DENY", denied_reach) or "",
        probe_concurrency=env.value("RELAYBOOK_PROBE_CONCURRENCY", whole_number(1, 10_000), "256"),
        probe_deadline_ms=env.value("RELAYBOOK_PROBE_DEADLINE_MS", _DEADLINE_MS, "60000"),
        ca_file=env.optional("RELAYBOOK_CA_FILE", existing_file),
        dns_servers=env.optional("RELAYBOOK_DNS_SERVERS", resolvers) or (),
        test_rate=env.value("RELAYBOOK_TEST_RATE", limit, "30/minute").rate,
        retest_every=env.value("RELAYBOOK_RETEST_EVERY", every, "off").period,
        read_cache_mib=env.value("RELAYBOOK_READ_CACHE_MIB", whole_number(0, 65_536), "64"),
        openid=read_openid(env),
        log_level=env.value("RELAYBOOK_LOG_LEVEL", one_of(*_LOG_LEVELS), "info"),
        log_format=env.optional("RELAYBOOK_LOG_FORMAT", one_of("json", "console")),
        metrics_bind=env.optional("RELAYBOOK_METRICS_BIND", host_and_port),
    )
    _require_master_key(env, settings)
    show_tracing(env, environ)
    if env.wrong:
        raise InvalidSettings(tuple(env.wrong))
    return replace(settings, origins=tuple(env.origins))


def _kept(
    env: Environment,
    name: str,
    parse: Callable[[str], T],
    show: Callable[[str], str],
    place: Path,
) -> T | None:
    """Return what the variable or its file holds; None stands for what lies at `place`."""
    return env.optional(name, parse, show=show, file=True, default=str(place))


def _key_file(environ: Mapping[str, str], data_dir: Path, given: Secret | None) -> Path | None:
    named = environ.get("RELAYBOOK_MASTER_KEY_FILE")
    if named:
        return Path(named).absolute()
    return data_dir / MASTER_KEY_FILE if given is None else None


def _checkpoint_file(env: Environment, data_dir: Path, database: str) -> Path | None:
    own = data_dir / CHECKPOINT_FILE if database.startswith("sqlite") else None
    default = UNSET if own is None else str(own)
    return env.optional("RELAYBOOK_CHECKPOINT_FILE", writable_file, default=default) or own


def _url(env: Environment, name: str, default: str) -> str:
    found = env.optional(name, database_url, show=show_url, file=True, default=show_url(default))
    return default if found is None else found


def _require_master_key(env: Environment, settings: Settings) -> None:
    """Refuse a production set-up without a key: only embedded use makes its own."""
    refused = {one.name.removesuffix("_FILE") for one in env.wrong}
    if settings.master_key is not None or "RELAYBOOK_MASTER_KEY" in refused:
        return
    if not settings.embedded and not settings.master_key_path.exists():
        env.refuse("RELAYBOOK_MASTER_KEY", "is needed with PostgreSQL: 32 bytes in base64")
