"""The people at the desk of the kill drill: a process that joins the run and does what they would do.

python -m benchmarks.sending_desk prepare 200 | progress | resolve | count
"""

import email
import json
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import django
from django.conf import settings
from django.utils import timezone

APART = timedelta(seconds=0.4)  # so that letters leave all the time while programs are killed


def prepare(number: str) -> dict[str, int]:
    """Identify, assess, approve and draft; queue one letter per item, to leave one after the other."""
    from benchmarks import letters  # noqa: PLC0415 - only after the settings are there
    from notices import dispatch  # noqa: PLC0415

    notices = [letters.approved(each) for each in letters.drafted(int(number), reference="DRILL")]
    begin = timezone.now()
    for number_so_far, notice in enumerate(notices):
        dispatch.queue(notice, by=letters.officer(), at=begin + number_so_far * APART)
    return {"queued": len(notices)}


def progress() -> dict[str, int]:
    """Outbox rows by state."""
    from notices.models import Dispatch  # noqa: PLC0415

    return dict(Counter(Dispatch.objects.values_list("state", flat=True)))


def resolve() -> dict[str, int]:
    """Look for each letter whose outcome is unknown in what the other side has, and say what was found."""
    from accounts.models import User  # noqa: PLC0415
    from notices import dispatch  # noqa: PLC0415
    from notices.models import Dispatch, DispatchState  # noqa: PLC0415

    officer, found = User.objects.get(email="officer@desk.example"), Counter[str]()
    for row in Dispatch.objects.filter(state=DispatchState.UNKNOWN).select_related("notice"):
        arrived = row.notice.message_id in in_the_sink()
        dispatch.resolve_unknown(row, arrived=arrived, by=officer)
        found["had arrived" if arrived else "had not arrived"] += 1
    return dict(found)


def count() -> dict[str, int]:
    """What the other side has, against what was to be sent."""
    from notices.models import Notice  # noqa: PLC0415

    wanted, kept = set(Notice.objects.values_list("message_id", flat=True)), in_the_sink()
    return {
        "notices": len(wanted),
        "arrived": len(wanted & set(kept)),
        "twice": sum(number > 1 for number in kept.values()),
        "lost": len(wanted - set(kept)),
        "recorded as sent": Notice.objects.filter(status="sent").count(),
    }


def in_the_sink() -> Counter[str]:
    """How often each Message-ID was kept by the mail sink."""
    letters = Path(settings.MAIL_FOLDER).glob("*.eml")
    return Counter(email.message_from_bytes(letter.read_bytes())["Message-ID"] for letter in letters)


VERBS = {"prepare": prepare, "progress": progress, "resolve": resolve, "count": count}

if __name__ == "__main__":
    from config.embedded.surroundings import join

    join(["manage.py", "drill"], root=Path(__file__).resolve().parents[1])
    django.setup()
    print(json.dumps(VERBS[sys.argv[1]](*sys.argv[2:])))
