"""What a person can do with an item now, as links: read from the same table as the rule."""

from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from accounts.roles import Permission
from casework import disputes
from casework.aliases import is_short_link
from casework.bulk import ASSESSABLE
from casework.correction import may_correct
from casework.lifecycle import LIFECYCLE
from casework.models import Item, ItemStatus
from casework.views.lifecycles import Button, in_order

# Verbs whose form asks for more than a reason.
FORMS = {
    "reject": "casework:item_reject",
    "revoke": "casework:item_revoke",
    "hold": "casework:item_hold",
    "mark_duplicate": "casework:item_duplicate",
}
LEADING = frozenset({"claim", "approve", "inform", "release"})
EXPLAINED = ("approve", "give_up", "reopen")  # the button of which is missed where it is not offered
GRAVE = frozenset({"give_up", "withdraw", "revoke"})


def buttons(item: Item, user: User) -> list[Button]:
    """Label, address and kind of each; what leads the work on comes first."""
    return in_order(
        LIFECYCLE.available(item, user),
        _steps(item, user),
        address=lambda verb: _address(item, verb),
        leading=LEADING,
        grave=GRAVE,
    )


def refusals(item: Item, user: User) -> list[tuple[str, str]]:
    """What the person's role could do with an item of this handling, but for a reason: its title, and the reason."""
    rows = (LIFECYCLE.find(verb) for verb in EXPLAINED)
    return [
        (row.title, why)
        for row in rows
        if item.status in row.sources
        and row.permission
        and user.can(row.permission)
        and row.guard
        and (why := row.guard(item, user))
    ]


def _address(item: Item, verb: str) -> str:
    if verb in FORMS:
        return reverse(FORMS[verb], args=[item.reference])
    return reverse("casework:item_verb", args=[item.reference, verb])


def _steps(item: Item, user: User) -> list[Button]:
    """What can be done beside a transition."""
    steps: list[Button] = []
    if item.status in ASSESSABLE and user.can(Permission.ASSESS_ITEM):
        kind = "secondary" if item.assessed_at else ""
        steps.append(("Assess again" if item.assessed_at else "Assess", _page("item_assess", item), kind))
    if item.status == ItemStatus.APPROVED and user.can(Permission.DRAFT_NOTICE):
        steps.append(
            (
                "Draft the follow-up" if item.reappeared_at else "Draft a notice",
                f"{reverse('notices:notice_draft')}?{urlencode({'selected': item.reference})}",
                "",
            )
        )
    if disputes.side(item) and user.can(Permission.DRAFT_NOTICE):
        letter = f"{reverse('notices:dispute_draft')}?{urlencode({'selected': item.reference})}"
        steps.append(("Write to the platform", letter, ""))
    if user.can(Permission.CHECK_ITEM):
        steps.append(("Record a check", _page("item_check", item), "" if item.notified_at else "secondary"))
    if user.can(Permission.CHECK_ITEM) and is_short_link(item):
        steps.append(("Record where it leads", _page("item_alias", item), "secondary"))
    if user.can(Permission.ATTACH_EVIDENCE):
        steps.append(("Add an exhibit", _page("item_evidence", item), "secondary"))
    if may_correct(user):
        steps.append(("Correct", _page("item_correct", item), "secondary"))
    return steps


def _page(name: str, item: Item) -> str:
    return reverse(f"casework:{name}", args=[item.reference])
