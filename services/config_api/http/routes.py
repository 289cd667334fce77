"""What a request is called in figures, spans and log lines: its route, never a tenant's ID."""

from __future__ import annotations

import re
from functools import cache

from flask import request

NO_ROUTE = "none"
NO_METHOD = "any"
_CONVERTER = re.compile(r"<(?:[^:<>]*:)?([a-z_]+)>")


@cache
def templated(rule: str) -> str:
    """Return a route as OpenAPI writes it: `/v1/events/{position}`."""
    return _CONVERTER.sub(r"{\1}", rule)


def route_label() -> str:
    """Return the route of the request at hand, `none` where there is none."""
    rule = request.url_rule
    return NO_ROUTE if rule is None else templated(rule.rule)


def method_label() -> str:
    """Return the method of the request at hand, `any` where no route is: it may be any text."""
    return request.method if request.url_rule else NO_METHOD
