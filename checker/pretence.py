"""A pretend world for demonstrations and tests: named hosts that stand on one port of this machine.

Nothing makes one but the program that wants it; with one, the real world is out of reach.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from checker.guard import Target, Unresolved, guard, read


@dataclass(frozen=True, slots=True)
class Pretence:
    """`ports` says where the pretend 80 and 443 really are; `authority` is the file of the certificate to trust."""

    hosts: frozenset[str]
    ports: Mapping[int, int]
    authority: str | None = None
    address: str = "127.0.0.1"

    @classmethod
    def read(cls, file: Path) -> Self:
        """Return the pretend world that `write` described; raises `OSError` or `ValueError`."""
        told = json.loads(file.read_text(encoding="utf-8"))
        ports = {int(port): int(real) for port, real in told["ports"].items()}
        return cls(frozenset(told["hosts"]), ports, told["authority"])

    def write(self, file: Path) -> None:
        """Describe this world in a file, complete or not at all."""
        told = {"hosts": sorted(self.hosts), "ports": dict(self.ports), "authority": self.authority}
        part = file.with_name(f"{file.name}.part")
        part.write_text(json.dumps(told), encoding="utf-8")
        part.rename(file)

    def target(self, url: str) -> Target:
        """Return where `url` leads in the pretend world; raises `Refused` as `guard` does, for all of the real one."""
        _, host, port = read(url)
        if host in self.hosts and port in self.ports:
            return Target(host, port, [self.address])
        guard(url, _nobody)
        raise Unresolved(f"{host} is not of the pretend world")


def _nobody(host: str) -> list[str]:
    raise LookupError(f"{host} is not of the pretend world")
