"""What platforms promise, whom we reach there, and what is done when they are silent."""

from datetime import date, time, timedelta

from django.utils import timezone

from accounts.models import User
from notices import chasers, contacts, dispatch, turns
from platforms.models import Commitment, Platform


def agree(people: dict[str, User]) -> None:
    """At the beginning: one platform counts working days, two have named their desks."""
    telegram, x = (Platform.objects.get(slug=slug) for slug in ("telegram", "x"))
    Commitment.objects.create(
        platform=telegram, severity="medium", amount=5, unit="working_days", opens=time(9), closes=time(17),
        source="Letter of its legal department", valid_from=date(2020, 1, 1),
    )  # fmt: skip
    for platform, number in ((telegram, 1), (x, 2)):
        values = {
            "desk": "Duty desk", "telephone": f"+44 20 7946 000{number}", "languages": "English",
            "hours": "Monday to Friday, 09:00 to 17:00", "zone": "Europe/London",
        }  # fmt: skip
        contacts.change(platform, None, values, by=people["officer"])


def propose(people: dict[str, User]) -> None:
    """A liaison would have us call another number; the desk has not decided yet."""
    x = Platform.objects.get(slug="x")
    contact = x.contacts.filter(is_current=True).first()
    contacts.change(x, contact, {"telephone": "+44 20 7946 0009"}, by=people["liaison-x"])


def remind(people: dict[str, User]) -> None:
    """Of two platforms that are late one gets a chaser; the other waits for somebody to send it."""
    ready = [digest for digest in chasers.offered() if digest.asked]
    for digest in ready[: len(ready) // 2]:
        chasers.chase(digest.asked, by=people["officer2"])
    dispatch.send_due()


def note_turns() -> None:
    turns.note(timezone.now() + timedelta(seconds=1))
