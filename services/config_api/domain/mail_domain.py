"""The domain behind the @ of e-mail addresses, in the one form in which it is looked up."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Final

from services.config_api.domain.errors import InvalidDomain
from services.config_api.domain.field_errors import FieldError
from services.config_api.domain.host import HostRefused, read_host

_POINTER: Final = "/domain"
#: Code of a refused host → that of a refused domain; the others stay what they are.
_CODES: Final = {
    "host_missing": "domain_missing",
    "host_is_url": "domain_is_more",
    "host_has_port": "domain_is_more",
    "host_is_address": "domain_is_address",
}


def read_mail_domain(text: str) -> str:
    """Return the domain in a text as lower-case A-labels, the blanks around it taken off.

    Raises InvalidDomain: an e-mail address, a URL or a port beside it is refused with the domain
    in it as `fix`, and so is what no e-mail address ends in.
    """
    try:
        name = read_host(text).name
    except HostRefused as error:
        raise _refused(error) from None
    if _is_literal(name) or "." not in name:
        raise _invalid("domain_incomplete", {"value": name})
    return name


def _refused(error: HostRefused) -> InvalidDomain:
    code = _CODES.get(error.code, error.code)
    facts = error.facts | ({"field": "domain"} if code == "control_characters" else {})
    host = (error.fix or {}).get("host")
    useful = host is not None and not _is_literal(host) and "." in host
    if useful:
        return _invalid(code, facts | {"reason": "cleaned"}, {"domain": host})
    return _invalid(code, facts)


def _is_literal(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _invalid(code: str, facts: dict[str, Any], fix: dict[str, Any] | None = None) -> InvalidDomain:
    return InvalidDomain((FieldError(pointer=_POINTER, code=code, facts=facts, fix=fix),))
