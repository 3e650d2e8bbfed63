"""The episode rows once more: slowly, one record after the other, straight from docs/statistics.md.

Written without the database, and from the definitions rather than from the query, so that the two can be held
against each other. `rows` reads the records that `import_history` reads.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Record = dict[str, Any]
DAY = timedelta(days=1)
WINDOWS = {
    "1h": timedelta(hours=1), "24h": DAY, "48h": 2 * DAY, "7d": 7 * DAY, "28d": 28 * DAY
}  # fmt: skip
GONE = {"gone", "account_gone"}
LIVE = {"live", "changed", "restricted", "geo_blocked"}
PAGE_SAYS = {
    "platform_policy": "platform", "account_suspended": "platform", "legal": "platform", "author": "uploader"
}  # fmt: skip
SAYS_REMOVED = {"removed", "account_suspended", "account_terminated", "already_gone", "access_disabled"}
LIMITS = {
    "restricted_age", "restricted_geo", "restricted_reach", "labelled", "redirected_to_support",
    "access_disabled",
}  # fmt: skip
UNDECIDED = {"more_information", "preserved_only"}
UNDECIDED_CODES = {"wrong_channel", "error_in_notice", "under_review"}


@dataclass
class Removal:
    """A verified gone: first look of the agreeing ones, and the live look that ended it."""

    seen_at: datetime
    stated: str
    back_at: datetime | None = None
    live_again: bool = False
    removed_at: datetime | None = None
    cause: str = ""


@dataclass
class Row:
    """One line of one notice, with what happened to its item up to the next episode."""

    ref: str
    notice: str
    sent_at: datetime
    t0: datetime
    t0_basis: str
    opened_at: datetime  # T0 of its episode: another row's where this one repeats it
    about: Record  # its item, as it was described
    exclusion: str | None = None
    outcome: str | None = None
    last_live_at: datetime | None = None
    first_gone_at: datetime | None = None
    removed_at: datetime | None = None
    decided: bool = False
    within: dict[str, str] = field(default_factory=dict)
    end: datetime | None = None  # T0 of the next episode
    earlier_t0: datetime | None = None  # of the notice before that reached them about the live item
    removals: list[Removal] = field(default_factory=list)


def time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def removes(answer: Record) -> bool:
    everywhere = answer["answer"] != "access_disabled" or not answer.get("territories")
    return answer["answer"] in SAYS_REMOVED and everywhere


def decides(answer: Record) -> bool:
    return answer["answer"] not in UNDECIDED and answer.get("refusal_code") not in UNDECIDED_CODES


def by_person(check: Record) -> bool:
    return bool(check.get("method", "person") == "person")


def not_down(looks: list[tuple[datetime, Record]], decision: Record | None) -> str:
    """The outcome of what is not verified gone, from its looks since T0 and the latest decision."""
    seen_at, last = looks[-1] if looks else (None, {})
    seen = last.get("verdict")
    at_home = [check["verdict"] for _, check in looks if check.get("vantage", "GB") == "GB"]
    if at_home and at_home[-1] == "geo_blocked":
        return "RESTRICTED_UK"
    if decision and removes(decision):
        if seen_at is None or seen_at < time(decision["at"]):
            return "REPORTED_DOWN_UNVERIFIED"
        return "LIMITED" if seen == "changed" else "CONTRADICTED"
    if seen in {"changed", "restricted"} or (decision and decision["answer"] in LIMITS):
        return "LIMITED"
    if decision:
        return "REFUSED"
    return "PENDING" if seen else "UNKNOWN"


class History:
    """What was known about the items of a file at `known_by`, up to `as_at`."""

    def __init__(self, records: Iterable[Record], as_at: datetime, known_by: datetime) -> None:
        self.as_at, self.known_by = as_at, known_by
        self.records: list[Record] = list(records)

    def known(self, at: str | None, record: Record, own: str) -> bool:
        """Whether something of the record at `at` had happened and was known; never known before it happens."""
        if at is None:
            return False
        learned = max(time(record.get("recorded_at") or record[own]), time(at))
        return time(at) <= self.as_at and learned <= self.known_by

    def of(self, kind: str, own: str = "at", **values: str) -> list[Record]:
        """Known records of a type, in order of time."""
        found = [
            record
            for record in self.records
            if record["type"] == kind
            and self.known(record[own], record, own)
            and all(record[name] == value for name, value in values.items())
        ]
        return sorted(found, key=lambda record: time(record[own]))

    def answers(self, ref: str) -> list[Record]:
        return self.of("answer", item=ref)

    def holds(self, ref: str) -> list[tuple[datetime, datetime | None]]:
        return [
            (time(hold["from"]), time(hold["until"]) if self.known(hold.get("until"), hold, "from") else None)
            for hold in self.of("hold", "from", item=ref)
        ]

    def looks(self, ref: str) -> list[tuple[datetime, Record]]:
        """The observations (1.4): a look at something gone that is neither sure nor a person's is none."""
        return [
            (time(check["at"]), check)
            for check in self.of("check", item=ref)
            if check["verdict"] in LIVE
            or (check["verdict"] in GONE and (by_person(check) or check.get("confidence", "high") == "high"))
        ]

    # -- Rows ------------------------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        made: list[Row] = []
        for item in self.of("item", "identified_at"):
            made += self.of_item(self.described(item))
        return made

    def described(self, item: Record) -> Record:
        """The item as the last description known by then has it; before the first, as it was identified."""
        first = {
            "platform": "x", "kind": "post", "category": None, "language": None, "severity": None,
            "confirm_hours": 1, "found_at": item["identified_at"],
        }  # fmt: skip
        known = [
            record
            for record in self.records
            if record["type"] == "described"
            and record["item"] == item["ref"]
            and time(record["recorded_at"]) <= self.known_by
        ]
        last = max(known, key=lambda record: time(record["recorded_at"]), default={})
        return first | item | {name: last[name] for name in first if name in last}

    def of_item(self, item: Record) -> list[Row]:
        ref = item["ref"]
        notices = [notice for notice in self.of("notice", "sent_at") if ref in notice["lines"]]
        rows = [self.begin(item, notice) for notice in notices if notice.get("kind", "notice") == "notice"]
        rows.sort(key=lambda row: row.t0)
        open_row: Row | None = None
        reached: datetime | None = None
        for row in rows:  # which of them begin an episode
            row.earlier_t0 = reached
            if self.delivered(row.notice) and self.was_live(item, row):
                reached = row.t0
            if open_row and not self.over(open_row, row.t0):
                row.exclusion, row.opened_at = "X2", open_row.t0
            elif self.delivered(row.notice) and self.was_live(item, row):
                open_row = row
        opening = [
            r for r in rows if r.exclusion != "X2" and self.delivered(r.notice) and self.was_live(item, r)
        ]
        for place, row in enumerate(rows, start=1):
            later = [other.t0 for other in rows[place:] if other in opening]
            self.finish(item, row, min(later, default=None))
        return rows

    def begin(self, item: Record, notice: Record) -> Row:
        sent, delivered = time(notice["sent_at"]), self.delivered(notice["ref"])
        known = delivered and self.known(notice.get("received_at"), notice, "sent_at")
        t0 = time(notice["received_at"]) if known else sent
        if delivered:
            t0 = self.released(item["ref"], t0)
        return Row(
            item["ref"], notice["ref"], sent, t0, "received" if known else "sent", opened_at=t0, about=item
        )

    def released(self, ref: str, t0: datetime) -> datetime:
        """T0, or the end of the holds in force then, if they have an end."""
        at = t0
        while over := [
            until for since, until in self.holds(ref) if since <= at and (until is None or until > at)
        ]:
            if None in over:
                return t0
            at = max(until for until in over if until)
        touching = [until for since, until in self.holds(ref) if since <= at and until is None]
        return t0 if touching else at

    def delivered(self, ref: str) -> bool:
        """Not X5: a bounce within 24 hours of the receipt, or any where there is no receipt."""
        (notice,) = (n for n in self.records if n["type"] == "notice" and n["ref"] == ref)
        received = notice.get("received_at")
        known = received and self.known(received, notice, "sent_at")
        return not any(
            not known or time(bounce["at"]) <= time(received) + DAY
            for bounce in self.of("delivery_failed", notice=ref)
        )

    def was_live(self, item: Record, row: Row) -> bool:
        """Not X4."""
        looks = self.looks(item["ref"])
        before = [check for at, check in looks if at <= row.sent_at]
        if before and before[-1]["verdict"] in GONE:
            return False
        live = [time(item["found_at"]), *(at for at, check in looks if check["verdict"] in LIVE)]
        return any(at >= row.t0 - DAY for at in live)

    def over(self, row: Row, at: datetime) -> bool:
        """Whether the episode of the row had ended by then: set aside, or verified gone."""
        if any(row.sent_at <= time(r["at"]) <= at for r in self.set_aside(row.ref)):
            return True
        return bool(self.removals(row, at))

    def set_aside(self, ref: str) -> list[Record]:
        return self.of("withdrawn", item=ref) + self.of("invalid", item=ref)

    # -- Exclusions (1.3) ------------------------------------------------------------------------------

    def finish(self, item: Record, row: Row, end: datetime | None) -> None:
        row.exclusion = self.exclusion(item, row, end)
        answers = self.inside(row, end)
        row.decided = any(decides(answer) for answer in answers)
        row.end, row.removals = end, self.removals(row, end)
        removals = row.removals
        live = [time(item["found_at"])]
        live += [
            at for at, check in self.looks(row.ref) if check["verdict"] in LIVE and not (end and at >= end)
        ]
        row.last_live_at = max(live)
        for removal in removals:
            self.attribute(removal, live, answers)
        if removals and removals[-1].back_at is None:
            row.first_gone_at, row.removed_at = removals[-1].seen_at, removals[-1].removed_at
        if row.exclusion is None:
            row.outcome = self.outcome(row, end, removals, answers)
        if row.exclusion in {None, "X6"}:
            row.within = {name: self.within(row, end, removals, window) for name, window in WINDOWS.items()}

    def inside(self, row: Row, end: datetime | None) -> list[Record]:
        """The answers in the episode; one to this very notice also where T0 is only later (a hold)."""
        return [
            answer
            for answer in self.answers(row.ref)
            if (time(answer["at"]) >= row.opened_at or answer["notice"] == row.notice)
            and not (end and time(answer["at"]) >= end)
        ]

    def exclusion(self, item: Record, row: Row, end: datetime | None) -> str | None:
        decisions = [time(answer["at"]) for answer in self.inside(row, end) if decides(answer)]
        first = min(decisions, default=None)

        def during(record: Record) -> bool:
            return row.sent_at <= time(record["at"]) and not (end and time(record["at"]) >= end)

        withdrawals = [r for r in self.of("withdrawn", item=row.ref) if during(r)]
        if any(first is None or time(r.get("recorded_at") or r["at"]) < first for r in withdrawals):
            return "X1"
        if row.exclusion == "X2":
            return "X2"
        if any(during(record) for record in self.of("invalid", item=row.ref)):
            return "X3"
        if not self.was_live(item, row):
            return "X4"
        if not self.delivered(row.notice):
            return "X5"
        held = any(
            since <= self.as_at and until is None and not (end and since >= end)
            for since, until in self.holds(row.ref)
        )
        return "X6" if held else None

    # -- Removals (1.1, 1.4) ---------------------------------------------------------------------------

    def removals(self, row: Row, end: datetime | None) -> list[Removal]:
        found: list[Removal] = []
        run: list[tuple[datetime, Record]] = []
        for at, check in self.looks(row.ref):
            if at < row.t0 or (end and at >= end):
                continue
            if check["verdict"] in LIVE:
                run = []
                if found:
                    found[-1].back_at = found[-1].back_at or at
                    found[-1].live_again |= check["verdict"] == "live"
            elif check["verdict"] in GONE:
                run.append((at, check))
                if found and found[-1].back_at is None:
                    found[-1].seen_at = self.verified(run, row) or found[-1].seen_at
                    found[-1].stated = PAGE_SAYS.get(check.get("cause") or "", found[-1].stated)
                elif (first := self.verified(run, row)) is not None:
                    stated = [PAGE_SAYS[c["cause"]] for _, c in run if c.get("cause") in PAGE_SAYS]
                    found.append(Removal(first, stated[-1] if stated else ""))
        return found

    def verified(self, run: list[tuple[datetime, Record]], row: Row) -> datetime | None:
        """The first look of those that agree: two looks far enough apart, or a person's own."""
        if run[-1][0] - run[0][0] >= timedelta(hours=row.about["confirm_hours"]):
            return run[0][0]
        return next((at for at, check in run if by_person(check)), None)

    def attribute(self, removal: Removal, live: list[datetime], answers: list[Record]) -> None:
        claims = [answer for answer in answers if removes(answer)]
        seen_live = max(at for at in live if at <= removal.seen_at)
        fitting = [
            time(claim["effective_at"])
            for claim in claims
            if claim.get("effective_at") and seen_live <= time(claim["effective_at"]) <= removal.seen_at
        ]
        removal.removed_at = min(fitting, default=removal.seen_at)
        removal.cause = removal.stated or ("platform" if claims else "unattributed")

    # -- Outcome (1.2) and S05 -------------------------------------------------------------------------

    def outcome(self, row: Row, end: datetime | None, removals: list[Removal], answers: list[Record]) -> str:
        if removals and removals[-1].live_again:
            return "REINSTATED"
        if removals and not removals[-1].back_at:
            return {
                "platform": "DOWN_PLATFORM_VERIFIED", "uploader": "DOWN_UPLOADER"
            }.get(removals[-1].cause, "DOWN_UNATTRIBUTED")  # fmt: skip
        looks = [
            (at, check)
            for at, check in self.looks(row.ref)
            if check["verdict"] in LIVE and at >= row.t0 and not (end and at >= end)
        ]
        decisions = [answer for answer in answers if decides(answer)]
        return not_down(looks, decisions[-1] if decisions else None)

    def within(self, row: Row, end: datetime | None, removals: list[Removal], window: timedelta) -> str:
        deadline = row.t0 + window
        if any(
            since <= deadline and (until is None or until > row.t0) and not (end and since >= end)
            for since, until in self.holds(row.ref)
        ):
            return "held"
        if deadline > self.as_at:
            return "immature"
        by_then = [removal for removal in removals if removal.removed_at and removal.removed_at <= deadline]
        if by_then and (by_then[-1].back_at is None or by_then[-1].back_at > deadline):
            return "no" if by_then[-1].cause == "uploader" else "yes"
        live_after = any(
            check["verdict"] in LIVE and at >= deadline and not (end and at >= end)
            for at, check in self.looks(row.ref)
        )
        return "no" if live_after else "indeterminate"


def rows(records: Iterable[Record], *, as_at: datetime, known_by: datetime) -> list[Row]:
    """All rows of the records, in no particular order; times as given in the records."""
    return History(records, as_at, known_by).rows()


def utc(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


DOWN = {"DOWN_PLATFORM_VERIFIED", "DOWN_UNATTRIBUTED"}
VERIFIED_DOWN = DOWN | {"DOWN_UPLOADER"}
EXCLUSIONS = ("X1", "X2", "X3", "X4", "X5", "X6")
OUTCOMES = (
    "REINSTATED", "DOWN_PLATFORM_VERIFIED", "DOWN_UPLOADER", "DOWN_UNATTRIBUTED", "RESTRICTED_UK",
    "REPORTED_DOWN_UNVERIFIED", "CONTRADICTED", "LIMITED", "REFUSED", "PENDING", "UNKNOWN",
)  # fmt: skip


def figures(rows: Iterable[Row]) -> dict[str, Any]:
    """S01 to S06: counts, and numerators with denominators; S05 also indeterminate and immature ones."""
    notified = list(rows)
    eligible = [row for row in notified if row.exclusion is None]
    excluded = Counter(row.exclusion for row in notified)
    outcomes = Counter(row.outcome for row in eligible)
    down = sum(outcomes[name] for name in DOWN)
    decided = sum(row.decided or row.outcome in VERIFIED_DOWN for row in eligible)
    return {
        "S01": len(notified),
        "S02": {code: excluded[code] for code in EXCLUSIONS},
        "S03": {"eligible": len(eligible), "outcomes": {name: outcomes[name] for name in OUTCOMES}},
        "S04": (down, len(eligible)),
        "S05": {name: within_window(notified, name) for name in WINDOWS},
        "S06": (down, decided),
    }


def within_window(notified: list[Row], name: str) -> tuple[int, int, int, int]:
    """A hold counts here by window: rows that X6 leaves out at the as-at have an answer too."""
    answers = Counter(row.within[name] for row in notified if row.within)
    mature = answers["yes"] + answers["no"] + answers["indeterminate"]
    return answers["yes"], mature, answers["indeterminate"], answers["immature"]
