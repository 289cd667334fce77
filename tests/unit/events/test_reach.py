from __future__ import annotations

import pytest

from events.reach import InvalidReach, ReachPolicy

DEFAULT = ReachPolicy.parse("", "")


@pytest.mark.parametrize(
    "ip",
    ["8.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "2606:4700::1111", "fd12:3456::1",
     "::ffff:8.8.8.8", "64:ff9b::808:808"],
)  # fmt: skip
@pytest.mark.parametrize("port", [25, 465, 587, 2525])
def test_public_and_private_unicast_is_permitted_on_mail_ports(ip: str, port: int) -> None:
    assert DEFAULT.permits(ip, port)


@pytest.mark.parametrize("port", [0, 22, 80, 443, 3306, 8587, 70000])
def test_other_ports_are_refused(port: int) -> None:
    assert not DEFAULT.permits("8.8.8.8", port)


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "127.8.9.1", "0.0.0.1", "0.1.2.3", "169.254.169.254", "168.63.129.16",
     "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1",
     "239.255.255.250", "240.0.0.1", "255.255.255.255",
     "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "100::1", "2001:db8::1",
     "fd00:ec2::254", "fd20:ce::254", "3fff::1", "5f00::1",
     "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
     "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2002:7f00:1::",
     "2002:808:808::1", "2001:0:808:808::f7f7:f7f7", "2606:4700::5efe:7f00:1",
     "2606:4700::200:5efe:a9fe:a9fe"],
)  # fmt: skip
def test_inner_and_special_addresses_are_refused_in_every_form(ip: str) -> None:
    assert not DEFAULT.permits(ip, 587)


@pytest.mark.parametrize(
    "ip",
    ["2130706433", "0177.0.0.1", "0x7f000001", "127.1", "\uff18.8.8.8", "8.8.8.8\x00", " 8.8.8.8",
     "8.8.8.8/32", "", "localhost"],
)  # fmt: skip
def test_odd_spellings_are_refused(ip: str) -> None:
    assert not DEFAULT.permits(ip, 587)


def test_a_listed_address_is_permitted_on_its_ports_only() -> None:
    policy = ReachPolicy.parse("127.0.0.0/8:2525-2527, [::1]/128:*, 169.254.1.1/32", "")
    assert policy.permits("127.0.0.1", 2526)
    assert not policy.permits("127.0.0.1", 2528)
    assert policy.permits("::1", 9)
    assert policy.permits("169.254.1.1", 587)
    assert not policy.permits("169.254.1.1", 80)


def test_a_mapped_address_is_judged_as_the_one_it_spells() -> None:
    policy = ReachPolicy.parse("127.0.0.1/32:*", "")
    assert policy.permits("::ffff:127.0.0.1", 40)
    assert not policy.permits("::ffff:127.0.0.2", 40)


def test_an_embedding_address_needs_both_forms_listed() -> None:
    assert not ReachPolicy.parse("[2002::]/16:*", "").permits("2002:7f00:1::", 587)
    assert ReachPolicy.parse("[2002::]/16:*,127.0.0.1/32", "").permits("2002:7f00:1::", 587)


def test_deny_wins_over_allow_also_for_embedded_addresses() -> None:
    policy = ReachPolicy.parse("10.0.0.0/8:*", "10.9.0.0/16, 8.8.8.8/32:25")
    assert policy.permits("10.1.0.1", 80)
    assert not policy.permits("10.9.0.1", 80)
    assert not policy.permits("64:ff9b::a09:1", 587)
    assert not policy.permits("8.8.8.8", 25)
    assert policy.permits("8.8.8.8", 587)


def test_other_open_ports_serve_other_purposes() -> None:
    policy = ReachPolicy.parse("127.0.0.1/32", "", open_ports=frozenset({443}))
    assert policy.permits("8.8.8.8", 443)
    assert policy.permits("127.0.0.1", 443)
    assert not policy.permits("8.8.8.8", 587)


@pytest.mark.parametrize(
    "item",
    ["::1/128", "[::1/128", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/8:", "10.0.0.0/8:0",
     "10.0.0.0/8:9-7", "10.0.0.0/8:65536", "10.0.0.0/8:x", "mail.example", "[10.0.0.0]/8",
     "10.0.0.0/8:\uff12\uff15"],
)  # fmt: skip
def test_an_item_that_cannot_be_read_is_named(item: str) -> None:
    with pytest.raises(InvalidReach) as refused:
        ReachPolicy.parse(f"8.8.8.8/32, {item}", "nonsense")
    assert refused.value.items == (item, "nonsense")


def test_what_the_allow_list_names_is_told_apart_from_what_is_open_anyway() -> None:
    policy = ReachPolicy.parse("127.0.0.1/32:80", "")
    assert policy.lists("127.0.0.1", 80)
    assert policy.lists("::ffff:127.0.0.1", 80)
    assert not policy.lists("127.0.0.1", 25)
    assert not policy.lists("8.8.8.8", 25)
    assert not policy.lists("2130706433", 80)
