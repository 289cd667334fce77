from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from services.config_api.http.problems import Problem
from services.config_api.http.query import (
    Query,
    boolean,
    choice,
    cursor,
    instant,
    limit,
    moment,
    read_query,
    text,
)
from services.config_api.http.schemas.parameters import cursor_text

PARAMS = (
    text("q", "text"),
    boolean("count", "count", default=False),
    choice("mode", "mode", "new", "update"),
    instant("since", "since"),
    moment("at", "at"),
    limit(),
    cursor(),
)


def read(query: str) -> Query:
    with Flask("query").test_request_context("/?" + query):
        return read_query(PARAMS)


def test_what_is_not_given_has_its_default() -> None:
    asked = read("")
    assert (asked["q"], asked["count"], asked["limit"], asked["at"]) == (None, False, 50, None)


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("q=Acme%20%C3%A9", "q", "Acme é"),
        ("count=true", "count", True),
        ("mode=update", "mode", "update"),
        ("limit=500", "limit", 500),
        ("since=2026-01-31T12:00:00%2B09:00", "since", datetime(2026, 1, 31, 3, tzinfo=UTC)),
        ("since=2026-01-31T12:00:00+09:00", "since", datetime(2026, 1, 31, 3, tzinfo=UTC)),
        ("since=2026-01-31t12:00:00.5z", "since", datetime(2026, 1, 31, 12, 0, 0, 500_000, UTC)),
        ("at=17", "at", 17),
        ("at=2026-01-31T12:00:00Z", "at", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("cursor=" + cursor_text("ü@x"), "cursor", "ü@x"),
    ],
)
def test_a_good_value_is_read(query: str, name: str, value: Any) -> None:
    assert read(query)[name] == value


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "limit=5.0", "limit=%205", "limit=%D9%A5", "limit=1_0", "limit=",
     "count=1", "count=TRUE", "mode=New", "since=yesterday", "since=2026-01-31", "at=-1",
     "since=2026-02-30T00:00:00Z", "q=a%00b", "q=a%0Db", "cursor=%25", "cursor=YWI", "cursor=YQBi",
     "cursor=%FF", "limit=1&limit=2", "unknown=1", "Limit=5", "at=99999999999999999999"],
)  # fmt: skip
def test_a_wrong_parameter_is_refused_by_name(query: str) -> None:
    with pytest.raises(Problem) as refused:
        read(query)
    body = refused.value.document("en", "0" * 32)
    assert (refused.value.slug, refused.value.status) == ("validation-failed", 422)
    told = [(error["pointer"], error["parameter"]) for error in body["errors"]]
    assert told == [("", query.partition("=")[0])]


def test_all_wrong_parameters_are_named_at_once() -> None:
    with pytest.raises(Problem) as refused:
        read("limit=0&mode=x&nothing=1")
    body = refused.value.document("en", "0" * 32)
    assert {error["parameter"] for error in body["errors"]} == {"limit", "mode", "nothing"}


def test_wrong_parameters_are_told_in_their_order_by_their_very_names() -> None:
    with pytest.raises(Problem) as refused:
        read("a/b~=1&limit=1&count=1&limit=2")
    errors = refused.value.document("en", "0" * 32)["errors"]
    assert [(error["parameter"], error["code"]) for error in errors] == [
        ("a/b~", "unknown_parameter"),
        ("limit", "repeated"),
        ("count", "not_one_of"),
    ]


def test_a_required_parameter_that_lacks_is_named() -> None:
    params = (choice("mode", "mode", "new", "update", required=True),)
    with Flask("query").test_request_context("/"), pytest.raises(Problem) as refused:
        read_query(params)
    assert refused.value.document("ja", "0" * 32)["errors"][0]["code"] == "required"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "count=1", "mode=x", "since=x", "at=x", "cursor=%25", "q=a%00b",
     "q=" + "x" * 300, "limit=1&limit=2", "unknown=1"],
)  # fmt: skip
def test_what_is_wrong_with_a_parameter_is_told_in_japanese(query: str) -> None:
    japanese = {"Accept-Language": "ja"}
    with Flask("query").test_request_context("/?" + query, headers=japanese):
        with pytest.raises(Problem) as refused:
            read_query(PARAMS)
        (error,) = refused.value.document("ja", "0" * 32)["errors"]
    assert not error["detail"].isascii()
    assert "{" not in error["detail"]
