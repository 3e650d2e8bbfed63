"""What we hold true about an item's visibility, from its checks; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from casework.models import GONE, SEEN_LIVE, Check, Confidence, Method, Presence, Verdict


@dataclass
class Finding:
    """The state after a sequence of looks; times are aware."""

    presence: str = Presence.UNKNOWN
    last_live_at: datetime | None = None
    gone_at: datetime | None = None  # first of the looks that confirm it gone
    gone_cause: str = ""
    confirmed_at: datetime | None = None  # the look that confirmed it
    reappeared_at: datetime | None = None  # first live look after a confirmed gone
    last: Check | None = None
    first_gone: Check | None = None
    perhaps_back: Check | None = None  # an unsure look that saw what is confirmed gone


def settle(checks: Iterable[Check], *, confirm_hours: int, found_live_at: datetime | None = None) -> Finding:
    """Follow the looks in order of time (statistics.md, 1.4: two agreeing looks, or one by a person with an exhibit).

    `found_live_at` is the identification by a person, itself a live look. Looks that are no observation (private,
    login required, redirected, inconclusive) neither confirm nor contradict. What is confirmed gone is back after one
    sure look or two unsure ones of the checker's, as far apart (lifecycles.md: "a confirmed live check").
    """
    finding = Finding()
    if found_live_at:
        finding.presence, finding.last_live_at = Presence.LIVE, found_live_at
    apart = timedelta(hours=confirm_hours)
    for check in sorted(checks, key=lambda check: (check.at, check.pk or 0)):
        finding.last = check
        if check.verdict in SEEN_LIVE:
            _seen(finding, check, apart)
        elif check.verdict in GONE:
            _not_seen(finding, check, apart)
    return finding


def _seen(finding: Finding, check: Check, apart: timedelta) -> None:
    if finding.gone_at:
        unsure = check.method == Method.AUTOMATIC and check.confidence == Confidence.LOW
        first = finding.perhaps_back = finding.perhaps_back or (check if unsure else None)
        if unsure and first and (check is first or check.at - first.at < apart):
            return
        finding.reappeared_at = check.at
    finding.presence = Presence.LIVE if check.verdict == Verdict.LIVE else Presence.RESTRICTED
    finding.last_live_at = max(filter(None, (finding.last_live_at, check.at)))
    finding.gone_at, finding.gone_cause, finding.confirmed_at = None, "", None
    finding.first_gone = finding.perhaps_back = None


def _not_seen(finding: Finding, check: Check, apart: timedelta) -> None:
    """The looks that agree: two sure ones far enough apart, or one that confirms by itself."""
    finding.gone_cause = check.cause or finding.gone_cause
    finding.perhaps_back = None
    sure = check.confirms or check.confidence == Confidence.HIGH
    finding.first_gone = first = finding.first_gone or (check if sure else None)
    if sure and first and check.at - first.at >= apart and check is not first:
        _confirmed(finding, first.at, check)
    elif check.confirms and not finding.gone_at:
        _confirmed(finding, check.at, check)
    elif not finding.gone_at:
        finding.presence = Presence.PERHAPS_GONE


def _confirmed(finding: Finding, gone_at: datetime, check: Check) -> None:
    finding.presence, finding.gone_at = Presence.GONE, gone_at
    finding.confirmed_at = finding.confirmed_at or check.at
    finding.reappeared_at = None
