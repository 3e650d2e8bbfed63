"""Figures in words, by the rules of statistics.md, sections 5 and 6."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from accounts.showing import percent, places_for
from reports.disclosure import WITHHELD
from reports.periods import LONDON, instant, last_second
from reports.showing import LEAST_SHOWN, LOW_BASE, WINDOW_NAMES

SMALL = "the number is small, or would give a small one away"
MANY = {"story": "stories", "live": "live streams", "short": "short videos", "audio": "recordings"}


def stated(measure: dict[str, Any]) -> str:
    """A rate with its interval and its fraction: 47.5% (95% interval 44.7% to 50.3%), 578 of 1,218."""
    if measure["rate"] is None:
        return "no items"
    low, high = measure["interval"]
    fraction = f"{measure['numerator']:,} of {measure['denominator']:,}"
    return f"{percent(measure['rate'])} (95% interval {percent(low)} to {percent(high)}), {fraction}"


def said(
    document: Mapping[str, Any], group: Mapping[str, Any], statistic: str = "S04", window: str = ""
) -> str:
    """The sentence that may be said of a group, with all that section 6 asks for beside a percentage.

    For S05 with the window; for any other statistic than S05 it is that of S04. What is withheld (“c”) it says so of.
    """
    if statistic == "S05" and window:
        return _said_within(document, group, window)
    rate, outcomes = group["S04"], group["S03"]["outcomes"]
    if not rate["denominator"]:
        return f"No items were notified {period_in_words(document)}{_filters(document, group)}."
    if WITHHELD in (rate["numerator"], rate["denominator"]):
        return f"{_untold(document, group, rate)} were down as at {_as_at(document)} is not shown: {SMALL}."
    rest = _rest(rate, outcomes)
    return (
        f"Of {rate['denominator']:,} {units(group, rate['denominator'])} notified {period_in_words(document)}"
        f"{_filters(document, group)}, {_share(rate)} {_were(rate['numerator'])} down as at {_as_at(document)}; "
        f"{_listed(rest)}. {_verified(group)}"
    )


def _rest(rate: Mapping[str, Any], outcomes: Mapping[str, Any]) -> list[str]:
    """What became of the items that are not down; of what is withheld, that it is."""
    refused, pending = outcomes["REFUSED"], outcomes["PENDING"]
    shown = [
        f"{count:,} {words}"
        for count, words in ((refused, "had been left up"), (pending, "awaited a decision"))
        if count != WITHHELD
    ]
    if WITHHELD in outcomes.values():
        return [*shown, "how the others stood is not shown"]
    others = rate["denominator"] - rate["numerator"] - refused - pending
    return [*shown, f"{others:,} had ended in other ways or could not be told"] if others > 0 else shown


def _untold(document: Mapping[str, Any], group: Mapping[str, Any], rate: Mapping[str, Any]) -> str:
    """How a sentence begins whose number is withheld."""
    about = f"notified {period_in_words(document)}{_filters(document, group)}"
    if rate["denominator"] == WITHHELD:
        return f"How many of the {units(group, 2)} {about}"
    return f"Of {rate['denominator']:,} {units(group, rate['denominator'])} {about}, how many"


def _said_within(document: Mapping[str, Any], group: Mapping[str, Any], window: str) -> str:
    rate, length = group["S05"][window], WINDOW_NAMES[window]
    if not rate["denominator"]:
        return (
            f"Of the {units(group, 2)} notified {period_in_words(document)}{_filters(document, group)}, none had been"
            f" notified {length} before {_as_at(document)}."
        )
    if WITHHELD in (rate["numerator"], rate["denominator"]):
        begun = _untold(document, group, rate)
        return f"{begun} were taken down within {length} of notice, as at {_as_at(document)}, is not shown: {SMALL}."
    beside = [
        f"{rate[name]:,} {words}"
        for name, words in (
            ("indeterminate", "could not be told"),
            ("immature", "had not had that time"),
            ("held", "were on hold"),
        )
        if rate.get(name, WITHHELD) not in (0, WITHHELD)
    ]
    return (
        f"Of {rate['denominator']:,} {units(group, rate['denominator'])} notified {period_in_words(document)}"
        f"{_filters(document, group)} and due, {_share(rate)} {_were(rate['numerator'])} taken down within"
        f" {length} of notice, as at {_as_at(document)}{'; ' if beside else ''}{_listed(beside)}. {_verified(group)}"
    )


def briefing_sentences(document: Mapping[str, Any], platform_name: str) -> list[str]:
    """Three sentences for a meeting with one platform, from a document about its items alone."""
    group = document["groups"][0]
    if not group["S04"]["denominator"]:
        left_out = group["S01"].get("notified_items", 0)
        told = f" that count: {left_out:,} {_were(left_out)} left out" if left_out else ""
        return [f"No items were notified to {platform_name} {period_in_words(document)}{told}."]
    outcomes, decided = group["S03"]["outcomes"], group["S06"]
    disputed = outcomes["CONTRADICTED"]
    decisions = f"Of the items that {platform_name} decided or that are down, {_share(decided)} are down."
    seen = f" {disputed:,} that it said were down {_were(disputed)} seen live." if disputed else ""
    return [
        f"{platform_name}: {_first_lower(said(document, group))}",
        f"{said(document, group, 'S05', '7d').partition(' Verified')[0]}"
        f" Within 24 hours: {_share(group['S05']['24h'])}.",
        f"{decisions}{seen}",
    ]


def units(group: Mapping[str, Any], count: int) -> str:
    """What is counted: the kind, where all items are of one, otherwise “items”."""
    kinds = [kind for kind, number in group["S01"]["by_kind"].items() if number]
    one = kinds[0].replace("_", " ") if len(kinds) == 1 else "item"
    return one if count == 1 else MANY.get(one, f"{one}s")


def _share(rate: Mapping[str, Any]) -> str:
    """578 (47.5%; 95% interval 44.7% to 50.3%), or the count alone where a percentage says too little."""
    if rate["rate"] is None:
        return "none of 0"
    if rate["denominator"] < LEAST_SHOWN:
        return f"{rate['numerator']:,} of {rate['denominator']:,} (too few for a percentage)"
    places = places_for(rate["denominator"])
    own = rate.get("cluster_interval")
    low, high = own or rate["interval"]
    name = "95% interval over batches" if own else "95% interval"
    mark = "; low base" if rate["denominator"] < LOW_BASE else ""
    return (
        f"{rate['numerator']:,} ({percent(rate['rate'], places)}; {name}"
        f" {percent(low, places)} to {percent(high, places)}{mark})"
    )


def _verified(group: Mapping[str, Any]) -> str:
    checked = group["S07"]
    if checked["rate"] is None:
        return "Verified: no removals claimed or seen."
    if WITHHELD in (checked["rate"], checked["denominator"]):
        return "Verified: the share is not shown, because a count behind it is small."
    share = percent(checked["rate"], places_for(checked["denominator"]))
    return f"Verified: {share} of {checked['denominator']:,} removals claimed or seen were looked at since."


def _filters(document: Mapping[str, Any], group: Mapping[str, Any]) -> str:
    named = {**document["filters"], **group["group"]}
    words = ", ".join(f"{name} {value or 'none'}" for name, value in named.items())
    return f" ({words})" if words else ""


def period_in_words(document: Mapping[str, Any]) -> str:
    """From 1 January to 31 May 2020."""
    first, last = (date.fromisoformat(document["period"][end]) for end in ("from", "to"))
    if first == last:
        return f"on {day_in_words(first)}"
    start = f"{first.day} {first:%B}" if first.year == last.year else day_in_words(first)
    return f"from {start} to {day_in_words(last)}"


def _as_at(document: Mapping[str, Any]) -> str:
    """As the claim check reads it back: the day alone where it is its last second in London, else time and zone."""
    at = instant(document["as_at"]).replace(microsecond=0)
    on = at.astimezone(LONDON).date()
    return day_in_words(on) if at == last_second(on) else moment_in_words(at)


def moment_in_words(at: datetime) -> str:
    """3 September 2020, 00:00 UTC where a day begins in UTC; otherwise in London: 14 May 2026, 09:30 BST."""
    in_utc = at.astimezone(UTC)
    local = in_utc if in_utc.time() == time() else at.astimezone(LONDON)
    seconds = f":{local:%S}" if local.second else ""
    return f"{day_in_words(local)}, {local:%H:%M}{seconds} {local:%Z}"


def day_in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _first_lower(text: str) -> str:
    return text[:1].lower() + text[1:]
