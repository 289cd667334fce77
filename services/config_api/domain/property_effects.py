"""Session properties that Jakarta Mail does not look at because of another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from services.config_api.domain import jakarta_mail

#: Name behind the prefix → the one without which Jakarta Mail does not look at it.
_NEEDS: Final[Mapping[str, str]] = {
    "localport": "localaddress",
    **dict.fromkeys(("proxy.port", "proxy.user", "proxy.password"), "proxy.host"),
    "socks.port": "socks.host",
    "socketFactory.port": "socketFactory.class",
    **dict.fromkeys(("sasl.mechanisms", "sasl.usecanonicalhostname"), "sasl.enable"),
}
#: Name behind the prefix → the one that takes its place.
_YIELDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("socks.host", "socks.port"), "proxy.host"),
    **{
        f"auth.{mechanism}.disable": "auth.mechanisms"
        for mechanism in ("login", "plain", "digest-md5", "ntlm", "xoauth2")
    },
}


def without_effect(properties: Mapping[str, str], prefix: str) -> Iterator[str]:
    """Yield the names among these that have no effect beside the others."""
    for name in properties:
        suffix = name.removeprefix(prefix)
        if suffix == name:
            continue
        needed, stronger = _NEEDS.get(suffix), _YIELDS.get(suffix)
        lacks = needed is not None and not _says(properties.get(prefix + needed))
        if lacks or (stronger is not None and _says(properties.get(prefix + stronger))):
            yield name


def _says(value: str | None) -> bool:
    return bool(value) and jakarta_mail.read_flag(value or "") is not False
