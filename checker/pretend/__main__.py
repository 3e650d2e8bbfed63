"""`python -m checker.pretend BEHAVIOURS DESCRIPTION`: a pretend world that stands until it is told to go.

BEHAVIOURS is a JSON file, address to behaviour (see `world.World`); it is read again when it changes. DESCRIPTION is
written for `python -m checker --pretend`. A world that is started again stands on the same ports.
"""

import argparse
import asyncio
import json
import logging
import signal
import sys
from datetime import timedelta
from pathlib import Path

from checker.pretence import Pretence
from checker.pretend.world import World

LASTS = timedelta(days=3650)
READ_EVERY = 2.0  # seconds


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m checker.pretend", description=__doc__)
    parser.add_argument("behaviours", type=Path)
    parser.add_argument("description", type=Path)
    chosen = parser.parse_args(arguments)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # visitors that leave in the middle are expected
    try:
        asyncio.run(_stand(chosen.behaviours, chosen.description))
    except (OSError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


async def _stand(behaviours: Path, description: Path) -> None:
    told, stop = json.loads(behaviours.read_text(encoding="utf-8")), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with World(told, ports=_ports(description), lasts=LASTS) as world:
        world.pretence.write(description)
        read_at = behaviours.stat().st_mtime
        while not stop.is_set():
            if (changed_at := behaviours.stat().st_mtime) != read_at:
                world.behaviours, read_at = json.loads(behaviours.read_text(encoding="utf-8")), changed_at
            try:
                await asyncio.wait_for(stop.wait(), READ_EVERY)
            except TimeoutError:
                continue


def _ports(description: Path) -> tuple[int, int]:
    """Those of the world that stood here before: checkers still go there."""
    try:
        ports = Pretence.read(description).ports
    except (OSError, ValueError, KeyError):
        return 0, 0
    return ports[80], ports[443]


if __name__ == "__main__":
    sys.exit(main())
