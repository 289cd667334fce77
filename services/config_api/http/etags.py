"""Entity tags and conditional requests (RFC 9110 §8.8, §13): the stream's version is the tag."""

from __future__ import annotations

import re

from flask import Response, request

from services.config_api.http.problems import Problem

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def version_tag(version: int) -> str:
    """Return the opaque part of a setting's entity tag."""
    return f"v{version}"


def strong_tags(header: str) -> list[str]:
    """Return the opaque parts of the strong tags in a header; weak ones never match If-Match."""
    return [opaque for weak, opaque in _TAG.findall(header) if not weak]


def any_tags(header: str) -> list[str]:
    """Return the opaque parts of all tags in a header, for the weak comparison."""
    return [opaque for _, opaque in _TAG.findall(header)]


def expected_version(current: int) -> int | None:
    """Return the version that the request's `If-Match` expects; None for `*`, any version.

    Raises Problem: `precondition-required` without the header, `version-conflict` where no strong
    tag in it is that of the current version.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise Problem("precondition-required", "if_match")
    if header == "*":
        return None
    if version_tag(current) not in strong_tags(header):
        raise Problem("version-conflict", "stale", facts={"actual": current})
    return current


def none_match(tag: str) -> bool:
    """Return True where `If-None-Match` names the tag: what the asker has is still so."""
    return names(request.headers.get("If-None-Match", ""), tag)


def names(header: str, tag: str) -> bool:
    """Return True where the value of an `If-None-Match` names the tag."""
    header = header.strip()
    return header == "*" or tag in any_tags(header)


def tagged(response: Response, tag: str) -> Response:
    """Return the answer with its ETag, or 304 without a body where the asker has it already."""
    response.headers["ETag"] = f'"{tag}"'
    if response.status_code == 200 and request.method in {"GET", "HEAD"} and none_match(tag):  # noqa: PLR2004 -- OK
        not_modified = Response(status=304)
        not_modified.headers["ETag"] = response.headers["ETag"]
        return not_modified
    return response
