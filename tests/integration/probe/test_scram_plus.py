"""SCRAM bound to the channel against a real server that speaks it: PostgreSQL.

No mail server in Debian binds SCRAM by `tls-server-end-point`; PostgreSQL knows no other binding.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import struct
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from services.conn_tester.certificate import end_point
from services.conn_tester.sasl.exchange import Login
from services.conn_tester.sasl.mechanisms import exchange
from services.conn_tester.secret import Secret
from tests.support.ports import free_port
from tests.support.services import missing
from tests.support.smtp.certificates import Authority
from tests.support.smtp.fixtures import server_folder
from tests.support.smtp.process import running_program

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["server_folder"]

PASSWORD = "correct horse battery"
MECHANISM = "SCRAM-SHA-256-PLUS"
_START_S = 30.0
_SSL_REQUEST = struct.pack("!II", 8, 80877103)
_SASL, _CONTINUE, _FINAL, _OK = 10, 11, 12, 0


@pytest.fixture(scope="module")
def port(server_folder: Path) -> Iterator[int]:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs or shutil.which("setpriv") is None:
        missing("initdb and postgres are not installed (package postgresql)")
    folder = server_folder / "postgres"
    folder.mkdir()
    with _running(programs[-1], folder) as listening:
        yield listening


@contextmanager
def _running(programs: Path, folder: Path) -> Iterator[int]:
    certificate, key = Authority.root().issue().write(folder)
    (folder / "password").write_text(PASSWORD)
    shutil.chown(folder, "postgres", "postgres")
    for path in (certificate, key, folder / "password"):
        shutil.chown(path, "postgres", "postgres")
    as_owner = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
    made = (str(programs / "initdb"), "-D", str(folder / "data"), "--auth=scram-sha-256",
            "-U", "mailer", f"--pwfile={folder / 'password'}", "--no-sync", "-N")  # fmt: skip
    subprocess.run([*as_owner, *made], check=True, capture_output=True)
    listening = free_port()
    options = {
        "port": listening, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder,
        "ssl": "on", "ssl_cert_file": certificate, "ssl_key_file": key, "fsync": "off",
    }  # fmt: skip
    run = [str(programs / "postgres"), "-D", str(folder / "data")]
    for name, value in options.items():
        run += ["-c", f"{name}={value}"]
    with running_program([*as_owner, *run], ports=[listening], log=folder / "start.log"):
        _await_readiness(programs, listening)
        yield listening


def _await_readiness(programs: Path, listening: int) -> None:
    """Wait while it listens but still starts up."""
    command = (str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(listening))
    until = time.monotonic() + _START_S
    while subprocess.run(command, check=False).returncode:
        if time.monotonic() > until:
            pytest.fail("PostgreSQL did not become ready")
        time.sleep(0.1)


def _message(sock: ssl.SSLSocket) -> tuple[int, bytes]:
    """Return kind and content of an authentication message; raises PermissionError if refused."""
    head = sock.recv(5)
    body = b""
    (length,) = struct.unpack("!I", head[1:])
    while len(body) < length - 4:
        body += sock.recv(length - 4 - len(body))
    if head[:1] != b"R":
        raise PermissionError(body)
    return struct.unpack("!I", body[:4])[0], body[4:]


def _tell(sock: ssl.SSLSocket, content: bytes) -> None:
    sock.sendall(b"p" + struct.pack("!I", len(content) + 4) + content)


def _signed_in(port: int, password: str, *, spoilt: bool = False) -> bool:
    """Sign in as the PostgreSQL protocol has it (SASL in its own frames)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port)) as plain:
        plain.sendall(_SSL_REQUEST)
        assert plain.recv(1) == b"S"
        with context.wrap_socket(plain) as sock:
            der = sock.getpeercert(binary_form=True)
            assert der is not None
            binding = end_point(x509.load_der_x509_certificate(der)) or b""
            startup = struct.pack("!I", 196608) + b"user\0mailer\0database\0postgres\0\0"
            sock.sendall(struct.pack("!I", len(startup) + 4) + startup)
            kind, offered = _message(sock)
            assert kind == _SASL
            assert MECHANISM.encode() in offered
            login = Login(
                user="mailer", password=Secret(password), host="h", port=port,
                binding=binding[::-1] if spoilt else binding,
            )  # fmt: skip
            scram = exchange(MECHANISM, login)
            initial = scram.initial() or b""
            _tell(sock, MECHANISM.encode() + b"\0" + struct.pack("!I", len(initial)) + initial)
            kind, challenge = _message(sock)
            assert kind == _CONTINUE
            _tell(sock, scram.answer(challenge))
            kind, last = _message(sock)
            assert kind == _FINAL
            scram.answer(last)
            return scram.complete and _message(sock)[0] == _OK


def test_scram_bound_to_the_channel_signs_in(port: int) -> None:
    assert os.geteuid() == 0
    assert _signed_in(port, PASSWORD)


@pytest.mark.parametrize(("password", "spoilt"), [("wrong", False), (PASSWORD, True)])
def test_a_wrong_password_and_another_channel_are_refused(
    port: int, password: str, spoilt: bool
) -> None:
    with pytest.raises(PermissionError):
        _signed_in(port, password, spoilt=spoilt)
