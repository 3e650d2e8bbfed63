"""The demonstration's platforms: pretend ones on this machine, that answer as the story has it, and a checker for them.

The checker of a demonstration is told of no other world, so that it can reach none (config.embedded.pretending).
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from accounts.models import User
from casework import checkers, visits
from casework.models import Item
from config.demonstration.content import ADDRESSES
from config.demonstration.looking import Truth
from config.embedded.pretending import BEHAVIOURS, TOKEN
from platforms.models import Platform

SHOWS = {
    "unknown": "gone", "platform_policy": "removed", "account_suspended": "suspended", "author": "deleted",
    "legal": "court",
}  # fmt: skip
# Some of those that are live make it hard for a program: one in so many, and what it meets.
HURDLES = ((23, "captcha"), (29, "login"), (31, "flapping"))
ANYTHING_ELSE = {"*": "live"}


def behaviours(truths: Mapping[int, Truth], at: datetime) -> dict[str, str]:
    """What each item's address answers at `at`: its truth, as a page of the pretend platforms."""
    found = dict(ANYTHING_ELSE)
    for pk, canonical in Item.objects.order_by("pk").values_list("pk", "canonical"):
        verdict, cause = truths.get(pk, Truth()).shows(at)
        found[canonical] = {"gone": SHOWS.get(cause, "gone"), "geo_blocked": "withheld"}.get(
            verdict
        ) or _live(pk)
    return found


def _live(pk: int) -> str:
    return next((hurdle for every, hurdle in HURDLES if pk % every == 0), "live")


def prepare(folder: Path, truths: Mapping[int, Truth], *, at: datetime, by: User) -> None:
    """Leave word for the pretend platforms and their checker in the folder of the site's files."""
    (folder / BEHAVIOURS).write_text(json.dumps(behaviours(truths, at)), encoding="utf-8")
    _, secret = checkers.add_checker("Demonstration checker", country="GB", by=by)
    for platform in Platform.objects.filter(slug__in=ADDRESSES):
        visits.decide(
            platform, country="GB", logged_in=False, allowed=True, note_sha256=visits.NOTE_SHA256, by=by
        )
    descriptor = os.open(folder / TOKEN, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secret)
