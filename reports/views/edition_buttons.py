"""What a person can do with an edition now, as links: read from the same table as the rule."""

from django.urls import reverse

from accounts.models import User
from accounts.roles import Permission
from casework.views.lifecycles import Button, in_order
from reports.editions import obstacle_to_revision
from reports.lifecycle import LIFECYCLE
from reports.models import Edition
from reports.public_copies import may_make_public

LEADING = frozenset({"approve", "publish"})
GRAVE = frozenset({"withdraw", "discard"})


def buttons(edition: Edition, user: User) -> list[Button]:
    """Label, address and kind of each."""
    return in_order(
        LIFECYCLE.available(edition, user),
        _steps(edition, user),
        address=lambda verb: reverse("reports:edition_verb", args=[edition.reference, verb]),
        leading=LEADING,
        grave=GRAVE,
    )


def _steps(edition: Edition, user: User) -> list[Button]:
    offered = {
        "Make public": ("edition_make_public", may_make_public(edition, user)),
        "Revise": (
            "edition_revise",
            user.can(Permission.PREPARE_EDITION) and not obstacle_to_revision(edition),
        ),
    }
    return [
        (label, reverse(f"reports:{name}", args=[edition.reference]), "secondary")
        for label, (name, possible) in offered.items()
        if possible
    ]
