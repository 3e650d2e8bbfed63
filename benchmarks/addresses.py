"""Recognising addresses, beside parsing them alone and beside what else matches addresses to platforms.

The others (ural, GPL-3.0; yt-dlp) are no dependencies: they are put into `var/bench`, measured in a process of their
own and thrown away with that folder. Where they cannot be had the reason is printed, and ada stands alone.
"""

import json
import subprocess
import sys
import venv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from time import perf_counter

import ada_url

from platforms import recognition
from platforms.recognition import NotAnAddress, recognise

FOLDER = Path(__file__).parent.parent / "var" / "bench"
OTHERS = ("ural==1.6.2", "yt-dlp==2026.10.26")
LEAST_A_SECOND = 30_000
MOST_MICROSECONDS = 100  # that one of a hundred addresses may take
NOT_KINDS = {"namespace", "identifier", "owner", "needs_network"}
ROUNDS = 9
FEW = 300  # addresses for yt-dlp, which tries two thousand patterns in turn on each

# Run by the other interpreter: prints how many addresses a second each of them reads.
BESIDE = """
import json, sys, time
few, addresses = int(sys.argv[1]), json.load(sys.stdin)
from ural.facebook import parse_facebook_url
from ural.instagram import parse_instagram_url
from ural.telegram import parse_telegram_url
from ural.twitter import parse_twitter_url
from ural.youtube import parse_youtube_url
from yt_dlp.extractor import gen_extractor_classes
PARSERS = (parse_facebook_url, parse_instagram_url, parse_telegram_url, parse_twitter_url, parse_youtube_url)
CLASSES = [found for found in gen_extractor_classes() if found.IE_NAME != "generic"]

def ural(address):
    for parse in PARSERS:
        try:
            if parse(address):
                return
        except Exception:
            pass

def yt_dlp(address):
    try:
        next((found for found in CLASSES if found.suitable(address)), None)
    except Exception:
        pass

def rate(work, addresses):
    work(addresses[0])
    begun = time.perf_counter()
    for address in addresses:
        work(address)
    return len(addresses) / (time.perf_counter() - begun)

print(json.dumps({"ural": rate(ural, addresses), "yt-dlp": rate(yt_dlp, addresses[:: max(1, len(addresses) // few)])}))
"""


@dataclass(frozen=True)
class Rate:
    """Addresses a second on one core, and the microseconds that all but one of a hundred stay below."""

    per_second: float
    slowest: float
    beside: dict[str, float]

    @property
    def met(self) -> bool:
        return self.per_second >= LEAST_A_SECOND and self.slowest <= MOST_MICROSECONDS

    def __str__(self) -> str:
        beside = "; ".join(
            f"{name}: {rate:,.0f}, ratio {self.per_second / rate:.2f}" for name, rate in self.beside.items()
        )
        return (
            f"addresses, recognised a second: {self.per_second:,.0f} (aim {LEAST_A_SECOND:,}); 99th percentile "
            f"{self.slowest:.0f} µs (aim {MOST_MICROSECONDS}); {beside}{'' if self.met else ' MISSED'}"
        )


def measure() -> Iterable[Rate]:
    addresses = [
        address
        for platform in recognition.platforms()
        for group in platform.examples
        for kind in group.keys() - NOT_KINDS
        for address in group[kind]
    ]
    for address in addresses:  # the tables of hosts are filled once in the life of a process
        _recognised(address)
    best = _timed(_recognised, addresses)
    beside = {"ada, parsing alone": len(addresses) / sum(_timed(_parsed, addresses))}
    yield Rate(len(addresses) / sum(best), quantiles(best, n=100)[98] * 1e6, beside | _others(addresses))


def _recognised(address: str) -> None:
    try:
        recognise(address)
    except NotAnAddress:
        return


def _parsed(address: str) -> None:
    try:
        ada_url.normalize_url(address)
    except ValueError:
        return


def _timed(work: Callable[[str], None], addresses: list[str]) -> list[float]:
    """Seconds for each address, the best of some rounds: what else the machine does is not counted."""
    taken = [float("inf")] * len(addresses)
    for _ in range(ROUNDS):
        for place, address in enumerate(addresses):
            begun = perf_counter()
            work(address)
            taken[place] = min(taken[place], perf_counter() - begun)
    return taken


def _others(addresses: list[str]) -> dict[str, float]:
    """Addresses a second of the others; empty, and the reason said, where they cannot be had."""
    python = FOLDER / "bin" / "python"
    try:
        if not python.exists():
            venv.create(FOLDER, with_pip=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *OTHERS],
            check=True, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        said = subprocess.run(
            [python, "-c", BESIDE, str(FEW)], input=json.dumps(addresses),
            check=True, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
        print(f"addresses: the others were not measured: {reason}", file=sys.stderr, flush=True)
        return {}
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"addresses: the others were not measured: {error}", file=sys.stderr, flush=True)
        return {}
    rates: dict[str, float] = json.loads(said.stdout)
    return rates
