from __future__ import annotations

from typing import get_args

import pytest

from events.access import Role
from services.config_api.domain.principal import Principal

MAY = {
    "admin": {"admin", "operator", "reader", "auditor"},
    "operator": {"operator", "reader"},
    "reader": {"reader"},
    "credentials": {"credentials", "reader"},
    "auditor": {"auditor", "reader"},
    "tester": {"tester"},
}


@pytest.mark.parametrize("own", get_args(Role))
@pytest.mark.parametrize("wanted", get_args(Role))
def test_a_role_may_what_the_contract_says(own: Role, wanted: Role) -> None:
    principal = Principal(actor="token:1", roles=frozenset({own}))

    assert principal.may(wanted) is (wanted in MAY[own])


def test_one_role_of_several_is_enough() -> None:
    principal = Principal(actor="token:1", roles=frozenset({"tester", "credentials"}))

    assert principal.may("reader")
    assert not principal.may("operator")


def test_without_a_role_nothing_is_allowed() -> None:
    assert not Principal(actor="token:1", roles=frozenset()).may("reader")


def test_an_unlimited_principal_sees_every_tenant_and_the_deployment() -> None:
    principal = Principal(actor="user:a", roles=frozenset({"reader"}))

    assert principal.sees("acme")
    assert principal.sees(None)


def test_a_limited_principal_sees_its_tenants_only() -> None:
    principal = Principal(actor="user:a", roles=frozenset({"reader"}), tenants=frozenset({"acme"}))

    assert principal.sees("acme")
    assert not principal.sees("other")
    assert not principal.sees(None)
