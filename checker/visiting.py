"""One look: the address visited and the page judged; where it may be a soft 404, beside one that never was."""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from random import Random
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from checker import VERSION, captures
from checker.browser import Browser, CannotLook
from checker.captures import Capture
from checker.fetch import Fetcher
from checker.observed import GONE, SEEN, Expected, Finding, Response
from checker.places import sibling
from checker.rules import BadRules, Rules
from checker.tape import Tape
from checker.verdict import READ, fingerprint, judge

logger = logging.getLogger("checker")

SOFTWARE = f"TakedownDeskChecker/{VERSION}"
BROWSERS = 2  # at a time
LONGEST_ADDRESS = 10_000  # characters
LONGEST_SAID = 300
LONGEST_CONTROL = 200_000  # characters of a page beside which others are held


class Seen(NamedTuple):
    """A finding as it is posted, and the files that show what was seen."""

    body: dict[str, Any]
    files: list[Capture]


class Visitor:
    """Makes looks. `controls` keeps what hosts say of addresses that never were: one for each host and hour.

    With a `browser` it looks again where a plain visit sees too little; unless it `keeps` files there are none.
    """

    def __init__(self, fetcher: Fetcher, *, browser: Browser | None = None, keeps: bool = True) -> None:
        self.fetcher, self.browser, self.keeps = fetcher, browser, keeps
        self.browsing = asyncio.Semaphore(BROWSERS)
        self.controls = Controls(fetcher)
        self.rules: dict[str, tuple[Any, Rules]] = {}  # by platform, as they came and as they were read

    async def look(self, expected: Mapping[str, Any], rules: Any) -> Seen:
        """Return what was seen; never raises for what a host or a rule does."""
        item = Expected.of(expected)
        tape: Tape = []
        response = await self.fetcher.fetch(item.canonical, tape if self.keeps else None)
        seen_at = datetime.now(UTC).isoformat()
        files = captures.of(response, tape, software=SOFTWARE) if self.keeps else []
        try:
            known = self._read(item.platform, rules)
            finding = judge(response, expected=item, rules=known)
            if _might_be_soft(response, finding):
                control = await self.controls.ask(item.canonical)
                finding = judge(response, expected=item, rules=known, control=control)
            if self.browser and _sees_too_little(response, finding, known):
                response, finding, files = await self._look_again(item, known, response, finding, files)
        except BadRules as problem:
            finding = Finding(reason=f"the rules that came with the job cannot be read: {problem}")
        return Seen(_told(response, finding, seen_at, is_new=item.fingerprint is None), files)

    def _read(self, platform: str, given: Any) -> Rules:
        """Rules are read once, and again when others come; raises `BadRules`."""
        if platform not in self.rules or self.rules[platform][0] != given:
            self.rules[platform] = given, Rules.of(given)
        return self.rules[platform][1]

    async def _look_again(
        self, item: Expected, rules: Rules, response: Response, finding: Finding, files: list[Capture]
    ) -> tuple[Response, Finding, list[Capture]]:
        """The same with a browser: its finding counts where it tells more, and never against what was plainly seen."""
        assert self.browser
        try:
            async with self.browsing:
                sight = await self.browser.look(item.canonical)
        except CannotLook as problem:
            logger.warning("no look with a browser: %s", problem)
            return response, finding, files
        again = judge(sight.response, expected=item, rules=rules)
        taken = sight.captures if self.keeps else []
        if again.verdict == "inconclusive" or (again.verdict in GONE and finding.verdict in SEEN):
            return response, finding, _joined(taken, files)
        return sight.response, again, _joined(files, taken)


def _joined(under: list[Capture], over: list[Capture]) -> list[Capture]:
    """One file of each kind, those of `over` before the others."""
    return list({each.kind: each for each in (*under, *over)}.values())


def _sees_too_little(response: Response, finding: Finding, rules: Rules) -> bool:
    """Whether a browser may see more: there is a page, and it needs scripts or told nothing."""
    return response.status in READ and not response.error and (
        rules.scripts or finding.verdict == "inconclusive"
    )  # fmt: skip


def _might_be_soft(response: Response, finding: Finding) -> bool:
    return finding.verdict == "inconclusive" and response.status == 200 and not response.error


def _told(response: Response, finding: Finding, seen_at: str, *, is_new: bool) -> dict[str, Any]:
    shows_it = is_new and finding.verdict == "live" and finding.confidence == "high"
    body = response.body.encode()
    return {
        "at": seen_at,
        "verdict": finding.verdict,
        "cause": finding.cause,
        "confidence": finding.confidence,
        "marker": _plain(finding.marker),
        "reason": _plain(finding.reason),
        "status": response.status if 0 <= response.status <= 999 else 0,
        "final_url": _plain(response.final_url, LONGEST_ADDRESS),
        "capture_sha256": hashlib.sha256(body).hexdigest() if body else "",
        "fingerprint": asdict(fingerprint(response)) if shows_it else None,
    }


def _plain(text: str, most: int = LONGEST_SAID) -> str:
    """A text that travels and can be stored: no NUL, no half of a character, not too long."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:most].strip()


class Controls:
    """What hosts answer to an address beside the item's that never was: for an hour, `most` characters at a time."""

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        most: int = 10_000_000,
        lasts: float = 3600.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.fetcher, self.most, self.lasts, self.clock = fetcher, most, lasts, clock
        self.random = Random()  # noqa: S311 - made up, not secret
        self.kept: OrderedDict[str, tuple[float, Response]] = OrderedDict()
        self.size = 0

    async def ask(self, address: str) -> Response:
        host = urlsplit(address).netloc.lower()
        kept = self.kept.get(host)
        if kept and self.clock() - kept[0] < self.lasts:
            self.kept.move_to_end(host)
            return kept[1]
        response = await self.fetcher.fetch(sibling(address, self.random))
        self._keep(host, replace(response, body=response.body[:LONGEST_CONTROL]))
        return response

    def _keep(self, host: str, response: Response) -> None:
        if host in self.kept:
            self.size -= _weight(self.kept.pop(host)[1])
        self.kept[host] = (self.clock(), response)
        self.size += _weight(response)
        while self.size > self.most:
            _, (_, oldest) = self.kept.popitem(last=False)
            self.size -= _weight(oldest)


def _weight(response: Response) -> int:
    """Characters of the page, and about as many as all the rest of a response takes."""
    return len(response.body) + 2_000
