"""No test of the checker leaves this machine: a wall around the whole session."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest

Attempts = list[tuple[str, Any]]


def _is_loopback(host: object) -> bool:
    try:
        return host in ("localhost", "", None) or ip_address(str(host)).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def attempts() -> Iterator[Attempts]:
    """Every connect and every question for a name, as (what, to whom); those that leave the machine raise."""
    made: Attempts = []
    connect, ask = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        made.append(("connect", address))
        if self.family != socket.AF_UNIX and not _is_loopback(address[0]):
            raise AssertionError(f"a test connects to {address}")
        return connect(self, address)

    def guarded_ask(host: Any, *args: Any, **kwargs: Any) -> Any:
        made.append(("ask", host))
        if not _is_loopback(host):
            raise AssertionError(f"a test asks for {host}")
        return ask(host, *args, **kwargs)

    socket.socket.connect, socket.getaddrinfo = guarded_connect, guarded_ask  # type: ignore[method-assign]
    yield made
    socket.socket.connect, socket.getaddrinfo = connect, ask  # type: ignore[method-assign]
