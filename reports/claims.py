"""S21, the claim check: whether our figures support a sentence, and what may be said instead.

Reading the sentence (claim_words.py) is apart from computing; `check` puts the two together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from reports.claim_fields import Claim
from reports.claim_words import Reading, read_claim
from reports.facts import Scope
from reports.figures import figures
from reports.periods import LONDON, Period, day, instant, last_second, stamp
from reports.phrases import PHRASES
from reports.publication import default_as_at
from reports.showing import LEAST_SHOWN, LOW_BASE
from reports.wording import said

SUPPORTED, NOT_SUPPORTED, CANNOT_BE_SAID = "supported", "not supported", "cannot be said"
STATISTICS = {
    "S01": "items notified",
    "S04": "taken down to date, of all eligible items",
    "S05": "taken down within the window, of eligible items that were due",
    "S06": "taken down, of the items that the platform decided",
    "S07": "removals that we looked at since, of all claimed or seen",
    "S11 acknowledged": "notices acknowledged by a person within the window",
    "S11 decided": "notices decided within the window",
    "S12": "items refused, of all eligible",
    "S13 reinstated": "removals seen live again at the same address",
    "S13 reappeared": "removals of which a copy appeared elsewhere",
    "S14 not_reachable_uk": "items not reachable from the UK",
    "S14 restricted_uk": "items blocked from the UK alone",
    "S16 valid_notices": "notices that were valid",
    "S17": "items removed in the period, whenever they were notified",
}
WINDOWED = {"S05": "{}", "S11 acknowledged": "acknowledged_{}", "S11 decided": "decided_{}"}
COUNTS = {"S01": "notified_items", "S17": "removed"}
USUAL = {"S13 reinstated": "28d", "S13 reappeared": "28d"}
READINGS = (("S04", ""), ("S05", "24h"), ("S05", "7d"), ("S06", ""))
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """`verdict` is supported, not supported or cannot be said; `missing` says why it cannot, and what would help.

    Rates are unrounded; `low` and `high` are the bounds of S04, or what indeterminate items could add in S05. `scope`
    names the figures that decided, `rule` the wording rule, `sentence` what may be said; `readings` are other things
    that the sentence may have meant, each with its own verdict.
    """

    verdict: str
    reading: Reading
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rule: str = ""
    numerator: int | None = None
    denominator: int | None = None
    rate: float | None = None
    interval: tuple[float, float] | None = None
    low: float | None = None
    high: float | None = None
    scope: Mapping[str, Any] | None = None
    sentence: str = ""
    readings: tuple["Verdict", ...] = ()

    @property
    def claim(self) -> Claim:
        return self.reading.claim

    @property
    def ratio(self) -> str:
        """“578/1,218”, a count alone, or nothing."""
        parts = [f"{part:,}" for part in (self.numerator, self.denominator) if part is not None]
        return "/".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        names = ("verdict", "missing", "notes", "rule", "ratio", "numerator", "denominator", "rate", "interval", "low",
                 "high", "scope", "sentence")  # fmt: skip
        plain = {name: getattr(self, name) for name in names}
        return {
            **{name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()},
            "claim": self.claim.as_dict(),
            "unread": list(self.reading.unread),
            "readings": [reading.as_dict() for reading in self.readings],
        }


def check(
    claim: str | Mapping[str, Any] | Claim,
    document: Document | None = None,
    *,
    earlier: Document | None = None,
    names: Mapping[str, Mapping[str, str]] | None = None,
    now: datetime | None = None,
) -> Verdict:
    """Check a sentence, or fields, against a document of `figures`, or against the records where none is given.

    A document stands for the period and the as-at that the claim leaves open; without one they must be said. Where
    only the as-at is not said, the first of the readings takes 28 days after the period, or now if that is earlier.
    `earlier` is the document of the period that “up” and “down” compare with; `names` as for `read_claim`. A measure
    alone, a mapping with numerator and denominator, is accepted in place of a document. Raises `ValueError` for
    fields that no claim has.
    """
    now = now or datetime.now(UTC)
    reading = _reading(claim, names, now.astimezone(LONDON).date())
    missing = [*_obstacles(reading), *_unsaid(reading.claim, has_document=document is not None)]
    if document is not None:
        return _against(reading, _document(document), earlier, missing)
    if not (reading.claim.first and reading.claim.last):
        return Verdict(CANNOT_BE_SAID, reading, tuple(missing))
    scope = _scope(reading.claim, now)
    if scope.as_at.astimezone(LONDON).date() > now.astimezone(LONDON).date():
        missing.append(f"The as-at, {reading.claim.as_at}, has not come yet.")
    earlier = figures(_earlier(scope, reading.claim)) if reading.claim.earlier_first else None
    verdict = _against(reading, computed := figures(scope), earlier, missing)
    if reading.claim.as_at or len(missing) > 1:
        return verdict
    usual = replace(reading, claim=replace(reading.claim, as_at=stamp(scope.as_at)))
    return replace(verdict, readings=(_against(usual, computed, earlier, []), *verdict.readings))


def _reading(
    claim: str | Mapping[str, Any] | Claim, names: Mapping[str, Mapping[str, str]] | None, today: date
) -> Reading:
    if isinstance(claim, str):
        return read_claim(claim, names=names, today=today)
    if isinstance(claim, Mapping):
        return Reading(Claim.of(claim))
    claim.check()
    return Reading(claim)


def _obstacles(reading: Reading) -> Iterator[str]:
    """What stands in the sentence that no figure can answer."""
    if reading.causal:
        yield f"Figures do not show a cause: leave out “{'”, “'.join(reading.causal)}”."
    if reading.unread:
        yield f"These words may change the meaning and were not read: {', '.join(reading.unread)}."
    yield from reading.problems


def _unsaid(claim: Claim, *, has_document: bool) -> Iterator[str]:
    """What a claim must say and does not."""
    as_share_of_count = claim.statistic in COUNTS and claim.value and claim.amount.is_share
    asked = (
        (not claim.value, "Which number? Say a percentage, a fraction or a count."),
        (not claim.statistic, "Of what? Say what happened to the items: taken down, refused, notified."),
        (
            claim.statistic not in ("", *STATISTICS),
            f"“{claim.statistic}” cannot be checked: use {', '.join(STATISTICS)}.",
        ),
        (
            claim.statistic in WINDOWED and not claim.window,
            "Within what time? Say the window, such as 24 hours.",
        ),
        (
            not has_document and not (claim.first and claim.last),
            "Of which notices? Say the period, such as 2026 Q2.",
        ),
        (not has_document and not claim.as_at, "As at when? Say the day, such as “as at 28 July 2026”."),
        (
            claim.is_change and not has_document and not claim.earlier_first,
            "Compared with which period? Say it, such as “compared with 2025 Q2”.",
        ),
        (
            as_share_of_count and not claim.is_change,
            f"{claim.statistic} is a count and has no percentage: say the number of items.",
        ),
    )
    return (question for is_missing, question in asked if is_missing)


def _scope(claim: Claim, now: datetime) -> Scope:
    """The claim's scope; a day's as-at is its last second in London, none 28 days after the period, or now."""
    period = Period(day(claim.first), day(claim.last))
    as_at = _as_at(claim.as_at) if claim.as_at else min(default_as_at(period), now)
    return Scope(period=period, as_at=as_at, known_by=as_at, **claim.filters)


def _as_at(text: str) -> datetime:
    """A time with its zone, or the last second of a day in London."""
    return last_second(day(text)) if len(text) == len("2020-01-31") else instant(text)


def _earlier(scope: Scope, claim: Claim) -> Scope:
    last = claim.earlier_last or claim.earlier_first
    return replace(scope, period=Period(day(claim.earlier_first), day(last)))


def _document(given: Document) -> Document:
    """A document of figures; a measure alone becomes one that says nothing else."""
    return given if "groups" in given else {"groups": [{"group": {}, "measure": given}], "filters": {}}


def _against(reading: Reading, document: Document, earlier: Document | None, missing: list[str]) -> Verdict:
    claim = reading.claim
    group = _group(document, claim)
    missing = [*missing, *_differences(claim, document)]
    if group is None:
        missing.append(f"There are no figures for {_told(claim.filters)} alone: compute them for it.")
        return Verdict(CANNOT_BE_SAID, reading, tuple(missing), scope=_named(document, {}))
    sentence = said(document, group, claim.statistic, claim.window) if "S04" in group else ""
    decided = _decided(reading, group, _group(earlier, claim) if earlier else None)
    stated = replace(decided, scope=_named(document, group["group"]), sentence=sentence)
    if missing or decided.missing:
        stated = replace(stated, verdict=CANNOT_BE_SAID, missing=(*missing, *decided.missing))
    return replace(stated, readings=tuple(_others(reading, document, group)))


def _group(document: Document, claim: Claim) -> Mapping[str, Any] | None:
    """The group that the claim is about: its filters are the claim's, or its items are all of the claim's kind."""
    for group in document["groups"]:
        if {**document["filters"], **group["group"]} == claim.filters or "measure" in group:
            return group
    rest = {name: slug for name, slug in claim.filters.items() if name != "kind"}
    for group in document["groups"]:
        kinds = {kind for kind, number in group["S01"]["by_kind"].items() if number}
        if {**document["filters"], **group["group"]} == rest and kinds == {claim.kind}:
            return group
    return None


def _differences(claim: Claim, document: Document) -> Iterator[str]:
    """Where the claim names another period or as-at than the figures have."""
    if "period" not in document:
        return
    first, last = document["period"]["from"], document["period"]["to"]
    if claim.first and (claim.first, claim.last) != (first, last):
        yield f"The claim is about {claim.first} to {claim.last}, the figures about {first} to {last}."
    if claim.as_at and not _same_moment(claim.as_at, instant(document["as_at"])):
        yield f"The claim is as at {claim.as_at}, the figures are as at {document['as_at']}."


def _same_moment(text: str, at: datetime) -> bool:
    """Whether the moment is the time, to the second that sentences print, or lies in the day.

    Midnight lies in the day that ends with it, too.
    """
    if len(text) != len("2020-01-31"):
        return instant(text) in (at, at.replace(microsecond=0))
    local = at.astimezone(LONDON)
    return day(text) in (local.date(), (local - timedelta(microseconds=1)).date())


def _named(document: Document, group: Mapping[str, Any]) -> dict[str, Any]:
    """What identifies the figures."""
    names = ("edition", "definition_version", "period", "as_at", "known_by", "rows", "rows_sha256")
    named = {name: document[name] for name in names if name in document}
    return {**named, "filters": {**document["filters"], **group}}


def _told(filters: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {slug}" for name, slug in filters.items()) or "all items"


def _decided(reading: Reading, group: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> Verdict:
    """The verdict on a claim that is complete, from its group."""
    claim = reading.claim
    measure = _measure(group, claim)
    if measure is None or not claim.value:
        absent = [f"{claim.statistic} is not in these figures."] if claim.statistic in STATISTICS else []
        return Verdict(CANNOT_BE_SAID, reading, tuple(absent))
    stated = _stated(reading, measure)
    true, missing = _true(claim, measure, earlier)
    if true is None or not claim.phrase:
        return replace(stated, verdict=CANNOT_BE_SAID, missing=missing)
    holds = PHRASES[claim.phrase].holds(true, claim.amount)
    return replace(stated, verdict=SUPPORTED if holds else NOT_SUPPORTED, notes=tuple(_notes(claim, stated)))


def _measure(group: Mapping[str, Any], claim: Claim) -> Mapping[str, Any] | None:
    """The measure that the claim names, from its group: a rate, or a count as `count`."""
    if "measure" in group:
        return group["measure"]
    code, _, part = claim.statistic.partition(" ")
    found = group.get(code)
    if claim.statistic in COUNTS:
        return {"count": found[COUNTS[claim.statistic]]} if found else None
    if claim.statistic in WINDOWED:
        part = WINDOWED[claim.statistic].format(claim.window)
    for name in (part, USUAL.get(claim.statistic)):
        found = found.get(name) if found and name else found
    return found


def _stated(reading: Reading, measure: Mapping[str, Any]) -> Verdict:
    claim = reading.claim
    interval = measure.get("cluster_interval") or measure.get("interval")
    return Verdict(
        verdict="",
        reading=reading,
        rule=f"“{PHRASES[claim.phrase].words or 'exactly'}”: {PHRASES[claim.phrase].rule}" if claim.phrase else "",
        numerator=measure.get("numerator", measure.get("count")),
        denominator=measure.get("denominator"),
        rate=measure.get("rate"),
        interval=tuple(interval) if interval else None,
        low=measure.get("low"),
        high=measure.get("high"),
    )  # fmt: skip


def _true(
    claim: Claim, measure: Mapping[str, Any], earlier: Mapping[str, Any] | None
) -> tuple[Fraction | None, tuple[str, ...]]:
    """The number that the claim is about, exact; or why there is none."""
    now = _number(measure, as_share=claim.amount.is_share)
    if now is None:
        return None, (_too_few(measure),)
    if not claim.is_change:
        return now, ()
    if claim.statistic == "S04":
        return None, ("S04 depends on how long ago the notices were: compare S05, within a window.",)
    before = _measure(earlier, claim) if earlier else None
    then = _number(before, as_share=True) if before else None
    if not then:
        return None, ("There is no earlier figure to compare with, or it is 0.",)
    return (now - then) / then, ()


def _number(measure: Mapping[str, Any], *, as_share: bool) -> Fraction | None:
    if "count" in measure:
        return Fraction(measure["count"])
    if not as_share:
        return Fraction(measure["numerator"])
    return (
        Fraction(measure["numerator"], measure["denominator"])
        if measure["denominator"] >= LEAST_SHOWN
        else None
    )


def _too_few(measure: Mapping[str, Any]) -> str:
    if not measure["denominator"]:
        return "There are no items to take a percentage of."
    return f"{measure['denominator']} items are too few for a percentage: it takes {LEAST_SHOWN}."


def _notes(claim: Claim, stated: Verdict) -> Iterator[str]:
    """What belongs beside the verdict."""
    if stated.interval and claim.amount.is_share and not claim.is_change:
        low, high = stated.interval
        if low <= claim.amount.value <= high:
            yield f"The 95% interval includes {claim.value}."
    if stated.denominator is not None and stated.denominator < LOW_BASE:
        yield "Low base: fewer than 50 items."
    if claim.statistic == "S06":
        yield "This is a share of the decided items alone, and is never said without S04 beside it."


def _others(reading: Reading, document: Document, group: Mapping[str, Any]) -> Iterator[Verdict]:
    """Other things that “taken down”, with no window, may have meant."""
    claim = reading.claim
    if claim.statistic != "S04" or claim.window or not claim.value or "measure" in group:
        return
    for statistic, window in READINGS[1:]:
        other = replace(reading, claim=replace(claim, statistic=statistic, window=window))
        yield replace(_decided(other, group, None), sentence=said(document, group, statistic, window))
