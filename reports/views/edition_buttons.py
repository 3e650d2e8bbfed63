"""What a person can do with an edition now, as links: read from the same table as the rule."""

from django.urls import reverse

from accounts.models import User
from accounts.roles import Permission
from casework.views.lifecycles import Button, in_order
from reports.editions import obstacle_to_revision
from reports.lifecycle import LIFECYCLE
from reports.models import Edition

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
    if not user.can(Permission.PREPARE_EDITION) or obstacle_to_revision(edition):
        return []
    return [("Revise", reverse("reports:edition_revise", args=[edition.reference]), "secondary")]
