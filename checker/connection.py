"""The only way out: connections to the addresses that were vetted, and to nothing else."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

import httpcore2
from httpcore2 import AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream

from checker.guard import Refused, Target
from checker.pretence import Pretence

_MOST_TRIED = 3  # addresses of one host


class GuardedBackend(AsyncNetworkBackend):
    """Connects to `target`, whatever host and port the library above asks for."""

    def __init__(self, target: Target, pretence: Pretence | None = None) -> None:
        self.target = target
        self.port = pretence.ports[target.port] if pretence else target.port
        self._network = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        problem: Exception = httpcore2.ConnectError("no address")
        for address in self.target.addresses[:_MOST_TRIED]:
            try:
                stream = await self._network.connect_tcp(address, self.port, timeout)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                problem = error
                continue
            peer = str((stream.get_extra_info("server_addr") or ("",))[0])
            if peer and ip_address(peer.partition("%")[0]) == ip_address(address):
                return stream
            await stream.aclose()
            raise Refused(f"connected to {peer or 'nobody'} instead of {address}")
        raise problem

    async def connect_unix_socket(self, *args: Any, **kwargs: Any) -> AsyncNetworkStream:
        raise Refused("sockets of this machine are not visited")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)
