"""All figures by platform and month, the rate page and the facts behind them, at two sizes.

The yardsticks are one bare SELECT over the same table, and pandas with lifelines on the same rows in memory: S01 to S14
of every group of a small history, and of a quarter of the groups of a larger one, since all of them take many minutes.
A million episodes are measured when the environment says BENCH_MILLION=1.
"""

import os
import warnings
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
from django.db import connection
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

from benchmarks import history
from benchmarks.figures import Figure, Spent, spent
from reports import projection
from reports.columns import Columns
from reports.durations import HORIZON_HOURS
from reports.facts import VERIFIED_DOWN, WINDOWS, Scope
from reports.figures import figures, groups
from reports.fingerprints import fingerprint
from reports.models import EpisodeFact
from reports.packing import PACKED
from reports.periods import Period
from reports.tallies import read

SMALL = 20_000
SIZES = (100_000, 1_000_000) if os.environ.get("BENCH_MILLION") else (20_000, 100_000)
PERIOD = Period(date(2021, 1, 1), date(2023, 12, 31))
MONTH = Period(date(2023, 5, 1), date(2023, 5, 31))
NOW = datetime(2024, 6, 1, tzinfo=UTC)
FOURTH = ("01", "05", "09")
HALFWAY = datetime(2022, 7, 1, tzinfo=UTC)
BY = ("platform", "month")
NET = "outcome IN ('DOWN_PLATFORM_VERIFIED', 'DOWN_UNATTRIBUTED')"
BARE = (
    "SELECT platform_id, month, count(*), count(*) FILTER (WHERE exclusion IS NULL),"
    f" count(*) FILTER (WHERE {NET}),"
    + "".join(f" count(*) FILTER (WHERE within_{name} = 'yes')," for name in WINDOWS)
    + " percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM removed_at - t0))"
    f" FROM {EpisodeFact._meta.db_table} WHERE t0 >= '2021-01-01' AND t0 < '2024-01-01' GROUP BY platform_id, month"
)  # fmt: skip


TAKEN = (
    "t0", "notice_id", "decided", "delivered", "claimed_at", "last_live_at", "observed_at", "acknowledged_at",
    "notice_decided_at", "feedback_at", "refused_at", "overturned_at", "taken_down_at", "reinstated_at", "copied_at",
)  # fmt: skip
HOUR = pd.Timedelta(hours=1)


def measure() -> Iterable[Figure]:
    earlier: dict[str, float] = {}
    for size in SIZES:
        history.grow(size)
        taken = {figure.name: figure for figure in _at(size)}
        yield from taken.values()
        for name, figure in taken.items():
            if name in earlier:
                yield Figure(f"{name}, growth", figure.seconds, f"{size // SIZES[0]} times the earlier",
                             earlier[name] * size / SIZES[0], 0.8)  # fmt: skip
            earlier[name] = figure.seconds


def _at(size: int) -> Iterator[Figure]:
    """The figures over so many episodes; their names are the same at each size."""
    scope = Scope(period=PERIOD, as_at=NOW, known_by=NOW)
    refreshed = spent(projection.refresh)
    history.analyze()
    bare = spent(_bare, runs=5)
    told = f"{size:,}: one bare SELECT"

    def figure(name: str, own: Spent, aim: float) -> Figure:
        return own.beside(name, bare, told, aim)

    yield figure("facts made and kept", refreshed, 0.001)
    yield figure("columns read", spent(lambda: Columns.read(scope, PACKED), runs=3), 0.5)
    taken = spent(lambda: _all(scope), runs=3)
    yield figure("all figures by platform and month", taken, 0.25)
    before = Scope(period=PERIOD, as_at=HALFWAY, known_by=HALFWAY)
    yield figure("all figures as at halfway, from the records", spent(lambda: _all(before), runs=3), 0.25)
    for name, asked, aim in (("one month, no filter", MONTH, 10), ("all months, no filter", PERIOD, 0.25)):
        page = Scope(period=asked, as_at=NOW, known_by=NOW)
        tally = spent(lambda page=page: read(page, ["platform"]), runs=3)
        yield figure(f"tally of the rate page, {name}", tally, aim)
    yield figure("the whole document", spent(lambda: figures(scope, BY)), 0.1)
    columns = Columns.read(scope)
    if len(columns) < size:
        raise SystemExit(f"{len(columns)} of {size} episodes were read.")
    yield figure("fingerprint of the rows", spent(lambda: fingerprint(columns)), 0.1)
    yield from _beside_peers(columns, scope, taken, size)
    history.look_again()
    yield figure("facts of one changed item", spent(projection.refresh), 1)


def _all(scope: Scope) -> list[dict[str, Any]]:
    """All figures by platform and month, from the database on."""
    return groups(Columns.read(scope, PACKED), scope, BY)


def _beside_peers(columns: Columns, scope: Scope, taken: Spent, size: int) -> Iterator[Figure]:
    """All our groups beside theirs, with the reading on our side alone; those of every fourth month of a large history.

    One month asked for by itself is told too: S17 then counts what earlier cohorts had removed, which they do not.
    """
    frame = _frame(columns)
    if size <= SMALL:
        told = "pandas and lifelines, all groups"
        yield taken.beside("the same beside rows in memory", _peers(frame), told, 10)
        return
    fourth = _peers(frame[frame["month"].str[-2:].isin(FOURTH)])
    yield taken.beside(
        "the same beside rows in memory", fourth, "pandas and lifelines, a quarter of the groups", 10
    )
    month = Scope(period=MONTH, as_at=scope.as_at, known_by=scope.known_by)
    own, told = spent(lambda: _all(month)), "pandas and lifelines, its groups"
    peers = _peers(frame[frame["month"] == f"{MONTH.first:%Y-%m}"])
    yield own.beside("all figures by platform of one month", peers, told, 10)


def _bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE)
        cursor.fetchall()


def _peers(frame: pd.DataFrame) -> Spent:
    """What pandas and lifelines take for counts, rates, survival and incidences of each group, rows in hand."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ties, which lifelines shakes apart
        return spent(lambda: [_by_lifelines(group) for _, group in frame.groupby(list(BY), observed=True)])


def _frame(columns: Columns) -> pd.DataFrame:
    """The rows as somebody would load them: texts as categories, hours to the first event and its cause."""
    names = [
        *BY, "kind", "exclusion", "outcome", *(f"within_{name}" for name in WINDOWS), "first_cause",
        "refusal_code", "measure", "territories",
    ]  # fmt: skip
    frame = pd.DataFrame(
        {name: pd.Categorical.from_codes(*_categories(columns, name)) for name in names}
        | {name: getattr(columns, name) for name in TAKEN}
    )
    ends = pd.DataFrame(
        {name: getattr(columns, name) for name in ("first_removed_at", "restricted_at", "held_at")}
    )
    first = ends.min(axis=1)
    end = first.fillna(frame["observed_at"]).fillna(frame["t0"])
    frame["hours"] = ((end - frame["t0"]).dt.total_seconds() / 3600).clip(lower=0)
    removed = first.notna() & (first == ends["first_removed_at"])
    causes = {"platform": 1, "unattributed": 2, "uploader": 3}
    frame["cause"] = frame["first_cause"].map(causes).astype(float).where(removed, first.notna() * 4.0)
    return frame


def _categories(columns: Columns, name: str) -> tuple[Any, list[str]]:
    """Codes and names of a text for pandas, which has -1 for none."""
    values = columns.values[name]
    named = [value for value in values if value is not None]
    places = pd.array([-1 if value is None else named.index(value) for value in values]).to_numpy()
    return places[getattr(columns, name)], named


def _by_lifelines(group: pd.DataFrame) -> None:
    """S01 to S14 of one group as somebody would write them."""
    group["kind"].value_counts(), group["exclusion"].value_counts(), group["notice_id"].nunique()
    eligible = group[group["exclusion"].isna()]
    eligible["outcome"].value_counts(normalize=True)
    (eligible["decided"] | eligible["outcome"].isin(VERIFIED_DOWN)).sum()
    for name in WINDOWS:
        eligible[f"within_{name}"].value_counts()
    claimed = eligible[eligible["claimed_at"].notna()]
    (
        (claimed["observed_at"] >= claimed["claimed_at"]).sum(),
        (claimed["last_live_at"] >= claimed["claimed_at"]).sum(),
    )
    curve = KaplanMeierFitter().fit(group["hours"], group["cause"].isin([1, 2]))
    curve.predict([window.total_seconds() / 3600 for window in WINDOWS.values()])
    curve.percentile(0.5), curve.percentile(0.25), curve.percentile(0.1)
    restricted_mean_survival_time(curve, t=HORIZON_HOURS)
    for cause in (1, 2, 3, 4):
        if (group["cause"] == cause).any():
            AalenJohansenFitter(calculate_variance=True, jitter_level=1e-6, seed=1).fit(
                group["hours"], group["cause"].astype(int), event_of_interest=cause
            )
    notices = group[group["delivered"]].groupby("notice_id")
    first = notices[["t0", "acknowledged_at", "notice_decided_at", "feedback_at"]].min()
    for name in ("acknowledged_at", "notice_decided_at"):
        _median(first["t0"], first[name], pd.Timestamp(NOW).tz_localize(None))
    (
        eligible["refusal_code"].value_counts(),
        (eligible["overturned_at"] - eligible["refused_at"] <= 672 * HOUR).sum(),
    )
    down = eligible[eligible["taken_down_at"].notna()]
    for name in ("reinstated_at", "copied_at"):
        for days in (28, 90, 180):
            (down[name] - down["taken_down_at"] <= days * 24 * HOUR).sum()
        _median(down["taken_down_at"], down[name], down["observed_at"])
    eligible.groupby(["measure", "territories"], observed=True).size()


def _median(since: pd.Series, event: pd.Series, last: Any) -> None:
    """The median wait by Kaplan-Meier, censored at the last time."""
    if len(since):
        waits = (event.fillna(last) - since) / HOUR
        KaplanMeierFitter().fit(waits.clip(lower=0), event.notna()).percentile(0.5)
