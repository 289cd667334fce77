from __future__ import annotations

import os
from typing import TYPE_CHECKING

from services.conn_tester.hosts_file import HostsFile

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """
# comment
127.0.0.1   localhost Mail.Acme.example   # here
::1 localhost
not-an-address mail.acme.example
127.0.0.1 localhost
"""


def test_names_are_found_in_any_case_with_all_their_addresses(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text(TEXT)
    hosts = HostsFile(path)
    assert hosts.addresses("localhost") == ("127.0.0.1", "::1")
    assert hosts.addresses("MAIL.acme.example.") == ("127.0.0.1",)
    assert hosts.addresses("other.example") == ()


def test_a_change_of_the_file_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("127.0.0.1 a\n")
    hosts = HostsFile(path)
    assert hosts.addresses("a") == ("127.0.0.1",)
    path.write_text("127.0.0.2 a\n")
    os.utime(path, ns=(1, 1))
    assert hosts.addresses("a") == ("127.0.0.2",)
    path.unlink()
    assert hosts.addresses("a") == ()
