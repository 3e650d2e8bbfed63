"""Editions brought to a status along the real lifecycle, by two managers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import User
from reports import editions, schedules, work
from reports.models import Edition, Schedule
from tests.reports.conftest import scope


@dataclass(frozen=True)
class Office:
    """`first` prepares, `second` approves and publishes."""

    first: User
    second: User

    def draft(self, **changes: Any) -> Edition:
        """Prepared, and not computed yet."""
        given = {name: changes.pop(name) for name in ("title", "grouped_by") if name in changes}
        return editions.prepare(scope(**changes), by=self.first, **{"title": "January 2026", **given})

    def computed(self, **changes: Any) -> Edition:
        return self.frozen(self.draft(**changes))

    def approved(self, **changes: Any) -> Edition:
        return editions.approve(self.computed(**changes), by=self.second)

    def published(self, **changes: Any) -> Edition:
        return editions.publish(self.approved(**changes), by=self.second)

    def frozen(self, edition: Edition) -> Edition:
        for job in edition.jobs.unfinished():
            assert work.run(job.pk).status == "done"
        return edition

    def revised(self, edition: Edition, **given: Any) -> Edition:
        """A scheduled revision of a published edition, computed; its times are later unless given."""
        later = {
            "as_at": edition.as_at,
            "known_by": edition.known_by,
            "kind": "scheduled",
            "reason": "Late answers.",
        }
        return self.frozen(editions.revise(edition, **{**later, **given}, by=self.first))


def monthly(office: Office, **changes: Any) -> Schedule:
    """A schedule that began with December 2025."""
    given = {"title": "Takedown rate", "frequency": "monthly", "since": date(2025, 12, 15), **changes}
    return schedules.add(**given, by=office.first)
