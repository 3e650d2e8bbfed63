"""One look: the address visited and the page judged; where it may be a soft 404, beside one that never was."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from random import Random
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from checker.fetch import Fetcher
from checker.observed import Expected, Finding, Response
from checker.places import sibling
from checker.rules import BadRules
from checker.verdict import fingerprint, judge

LONGEST_ADDRESS = 10_000  # characters
LONGEST_SAID = 300


class Visitor:
    """Makes looks. `controls` keeps what hosts say of addresses that never were: one for each host and hour."""

    def __init__(self, fetcher: Fetcher) -> None:
        self.fetcher = fetcher
        self.controls = Controls(fetcher)

    async def look(self, expected: Mapping[str, Any], rules: Any) -> dict[str, Any]:
        """Return a finding as it is posted; never raises for what a host or a rule does."""
        item = Expected.of(expected)
        response = await self.fetcher.fetch(item.canonical)
        seen_at = datetime.now(UTC).isoformat()
        try:
            finding = judge(response, expected=item, rules=rules)
            if _might_be_soft(response, finding):
                control = await self.controls.ask(item.canonical)
                finding = judge(response, expected=item, rules=rules, control=control)
        except BadRules as problem:
            finding = Finding(reason=f"the rules that came with the job cannot be read: {problem}")
        return _told(response, finding, seen_at, is_new=item.fingerprint is None)


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
    """What hosts answer to an address beside the item's that never was; the last hosts only, an hour long."""

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        most: int = 50,
        lasts: float = 3600.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.fetcher, self.most, self.lasts, self.clock = fetcher, most, lasts, clock
        self.random = Random()  # noqa: S311 - made up, not secret
        self.kept: OrderedDict[str, tuple[float, Response]] = OrderedDict()

    async def ask(self, address: str) -> Response:
        host = urlsplit(address).netloc.lower()
        kept = self.kept.get(host)
        if kept and self.clock() - kept[0] < self.lasts:
            self.kept.move_to_end(host)
            return kept[1]
        response = await self.fetcher.fetch(sibling(address, self.random))
        self.kept[host] = (self.clock(), replace(response, body=response.body[:200_000]))
        while len(self.kept) > self.most:
            self.kept.popitem(last=False)
        return response
