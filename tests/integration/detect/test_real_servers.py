"""Real mail servers are found: Dovecot's submission service and Postfix, by what DNS says."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from services.conn_tester.detect.order import Order
from services.conn_tester.detect.search import search
from tests.support.smtp.certificates import HOST
from tests.support.smtp.fixtures import dovecot_submission, postfix, server_folder
from tests.support.smtp.name_server import running_name_server
from tests.support.smtp.probing import make_tools
from tests.support.smtp.searching import DOMAIN, codes, found

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.smtp.dovecot import Dovecot
    from tests.support.smtp.name_server import Zone
    from tests.support.smtp.postfix import Postfix

__all__ = ["dovecot_submission", "postfix", "server_folder"]


@pytest.mark.parametrize("name", ["dovecot_submission", "postfix"])
def test_a_real_server_is_found_by_the_records_of_its_domain(
    request: pytest.FixtureRequest, tmp_path: Path, name: str
) -> None:
    real: Dovecot | Postfix = request.getfixturevalue(name)
    zone: Zone = {
        (HOST, "A"): ["127.0.0.1"],
        (DOMAIN, "MX"): [f"10 {HOST}."],
        (f"_submissions._tcp.{DOMAIN}", "SRV"): [f"0 1 {real.implicit_port} {HOST}."],
        (f"_submission._tcp.{DOMAIN}", "SRV"): [f"0 1 {real.starttls_port} {HOST}."],
    }
    with running_name_server(zone) as server:
        tools = make_tools(
            tmp_path, hosts="", dns_servers=(server,), extra_ca_pem=real.authority.pem
        )
        result = asyncio.run(search(Order(domain=DOMAIN, deadline_s=30.0), tools))
    assert found(result) == [
        (HOST, real.implicit_port, "implicit_tls"),
        (HOST, real.starttls_port, "starttls"),
    ]
    for number in range(2):
        assert codes(result, number) == [
            "srv_record", "answered", "tls_checked", "sign_in_offered",
        ]  # fmt: skip
