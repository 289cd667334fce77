from __future__ import annotations

from typing import Any

import pytest

from services.config_api.domain.role_rules import RoleRule, claim_at, parse_rules, roles_of


def test_rules_are_read_in_their_order() -> None:
    assert parse_rules("groups=mail-admins:admin, groups=mail-ops:operator+auditor") == (
        RoleRule(claim="groups", value="mail-admins", roles=("admin",)),
        RoleRule(claim="groups", value="mail-ops", roles=("operator", "auditor")),
    )


@pytest.mark.parametrize(
    ("text", "claim", "value"),
    [
        ("roles=urn:example:admins:reader", "roles", "urn:example:admins"),
        ("groups=cn=ops%2Cdc=example:reader", "groups", "cn=ops,dc=example"),
        ("groups=100%25:reader", "groups", "100%"),
        ("https://example.com/roles=x:reader", "https://example.com/roles", "x"),
        ("a%3Db=x:reader", "a=b", "x"),
        ("groups=運用:reader", "groups", "運用"),
    ],
)
def test_claims_and_values_may_hold_any_character(text: str, claim: str, value: str) -> None:
    assert parse_rules(text) == (RoleRule(claim=claim, value=value, roles=("reader",)),)


@pytest.mark.parametrize(
    "text",
    ["groups", "groups=x", "groups=:admin", "=x:admin", "groups=x:", "groups:admin=x",
     "groups=x:king", "groups=x:admin+", "groups=x:tester", "groups=x:Admin"],
)  # fmt: skip
def test_a_rule_that_is_none_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="must be CLAIM=VALUE:ROLE") as refused:
        parse_rules(f"groups=fine:reader,{text}")
    assert text in str(refused.value)
    assert "fine" not in str(refused.value)


def test_all_wrong_rules_are_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"one .*two "):
        parse_rules("one,groups=x:reader,two")


@pytest.mark.parametrize("text", ["", " , "])
def test_no_rule_at_all_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="at least one"):
        parse_rules(text)


@pytest.mark.parametrize(
    ("claims", "matches"),
    [
        ({"c": "x"}, True),
        ({"c": ["y", "x"]}, True),
        ({"c": "xx"}, False),
        ({"c": "X"}, False),
        ({"c": ["xx"]}, False),
        ({"c": [["x"]]}, False),
        ({"c": {"x": "x"}}, False),
        ({"c": None}, False),
        ({}, False),
    ],
)
def test_a_claim_is_the_value_or_a_list_that_holds_it(
    claims: dict[str, Any], matches: bool
) -> None:
    assert parse_rules("c=x:reader")[0].matches(claims) == matches


@pytest.mark.parametrize(
    ("value", "claim", "matches"),
    [
        ("true", True, True),
        ("True", True, False),
        ("false", False, True),
        ("7", 7, True),
        ("1", True, False),
        ("7.5", 7.5, False),
    ],
)
def test_truths_and_whole_numbers_count_as_they_stand_in_json(
    value: str, claim: object, matches: bool
) -> None:
    assert parse_rules(f"c={value}:reader")[0].matches({"c": claim}) == matches


@pytest.mark.parametrize(
    ("verified", "matches"), [(True, True), ("true", True), (False, False), (None, False)]
)
def test_an_address_counts_only_where_the_provider_verified_it(
    verified: object, matches: bool
) -> None:
    claims = {"email": "alice@example.com", "email_verified": verified}
    assert parse_rules("email=alice@example.com:admin")[0].matches(claims) == matches
    assert not parse_rules("email=alice@example.com:admin")[0].matches({"email": claims["email"]})


def test_dots_lead_into_a_claim_unless_they_belong_to_a_name() -> None:
    claims = {
        "realm_access": {"roles": ["a"]},
        "https://example.com/roles": ["b"],
        "resource_access": {"mail.example.com": {"roles": ["c"]}, "mail": "d"},
        "x.y": 1,
        "x": {"y": 2},
    }
    assert claim_at(claims, "realm_access.roles") == ["a"]
    assert claim_at(claims, "https://example.com/roles") == ["b"]
    assert claim_at(claims, "resource_access.mail.example.com.roles") == ["c"]
    assert claim_at(claims, "x.y") == 1
    assert claim_at(claims, "realm_access.roles.a") is None
    assert claim_at(claims, "nobody") is None


def test_the_roles_of_all_rules_that_match_come_together() -> None:
    rules = parse_rules("groups=ops:operator,groups=all:reader,groups=boss:admin,dept=it:auditor")
    assert roles_of(rules, {"groups": ["ops", "all"], "dept": "it"}) == {
        "operator",
        "reader",
        "auditor",
    }
    assert roles_of(rules, {"groups": ["cooks"]}) == frozenset()
