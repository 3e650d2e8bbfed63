"""`python -m checker --api URL --token-file FILE`: leases looks from the desk, makes them, and posts what it found."""

import argparse
import asyncio
import logging
import signal
import sys
import time
from pathlib import Path

from checker import VERSION
from checker.browser import Browser, CannotLook
from checker.client import BadAddress, Client, NotAllowed
from checker.courtesy import Courtesy
from checker.fetch import Fetcher
from checker.pretence import Pretence
from checker.spool import InUse, Spool
from checker.visiting import Visitor
from checker.work import Worker


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when done or told to stop, 1 when the desk or the files do not let it work."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        token = chosen.token_file.read_text(encoding="utf-8").strip()
        spool = chosen.spool or chosen.token_file.with_name(f"{chosen.token_file.name}.spool")
        pretence = _world(chosen.pretend) if chosen.pretend else None
        with Spool(spool) as kept:
            asyncio.run(_run(chosen, token, kept, pretence))
    except (BadAddress, InUse, NotAllowed, OSError, UnicodeError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


async def _run(chosen: argparse.Namespace, token: str, spool: Spool, pretence: Pretence | None) -> None:
    courtesy = Courtesy(interval=chosen.interval)
    async with Client(chosen.api, token) as client, Fetcher(courtesy=courtesy, pretence=pretence) as fetcher:
        browser = await _browser(fetcher) if chosen.browser else None
        visitor = Visitor(fetcher, browser=browser, keeps=not chosen.no_captures)
        worker = Worker(client, spool, visitor, concurrency=chosen.concurrency)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, worker.stop)
        await worker.run(once=chosen.once)
        logging.getLogger("checker").info("stopped after %d looks", worker.looks)


async def _browser(fetcher: Fetcher) -> Browser | None:
    """A browser that has been seen to start; None, and a word why, where there can be none."""
    try:
        browser = Browser(fetcher)
        await browser.check()
    except CannotLook as problem:
        logging.getLogger("checker").warning("looking without a browser, in spite of --browser: %s", problem)
        return None
    return browser


def _world(file: Path) -> Pretence:
    """The pretend world, once it stands; raises `OSError` if it does not in time."""
    for _ in range(100):
        if file.exists():
            break
        time.sleep(0.2)
    return Pretence.read(file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m checker", description=__doc__)
    parser.add_argument(
        "--api", required=True, metavar="URL", help="the desk, for example https://desk.example.org"
    )
    parser.add_argument(
        "--token-file", required=True, type=Path, metavar="FILE", help="holds this checker's token"
    )
    parser.add_argument("--once", action="store_true", help="end when nothing is due")
    parser.add_argument(
        "--concurrency", type=_count, default=20, metavar="N", help="looks at a time, 1 to 200"
    )
    parser.add_argument("--interval", type=_seconds, default=1.0, metavar="SECONDS",
                        help="between two requests to one host")  # fmt: skip
    parser.add_argument(
        "--spool", type=Path, metavar="FILE", help="where findings wait; by default beside the token"
    )
    parser.add_argument("--browser", action="store_true",
                        help="look with Chromium too, where a page needs scripts or told nothing without")  # fmt: skip
    parser.add_argument("--no-captures", action="store_true", help="keep and send no files of what was seen")
    parser.add_argument("--pretend", type=Path, metavar="FILE",
                        help="a pretend world, described in this file: nothing else is ever visited")  # fmt: skip
    parser.add_argument("--version", action="version", version=VERSION)
    return parser


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 200:
        raise argparse.ArgumentTypeError("1 to 200")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 3600:
        raise argparse.ArgumentTypeError("0 to 3600")
    return number


if __name__ == "__main__":
    sys.exit(main())
