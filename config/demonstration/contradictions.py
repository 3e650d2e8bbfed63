"""Where platforms and the desk do not agree: both queues hold something, and letters about some of it are under way."""

from itertools import groupby

from django.utils import timezone

from accounts.models import User
from casework import disputes
from casework.models import Claim, Item, ItemStatus, Presence
from config.demonstration.looking import Truth, Watch
from notices import dispatch, disputing, drafting

FEW = 3


def look_again(watch: Watch) -> None:
    """Look at what was called removed and is live; some of what a platform keeps has meanwhile gone."""
    open_ones = Item.objects.filter(status=ItemStatus.NOTIFIED, presence=Presence.LIVE).select_related(
        "platform"
    )
    for item in open_ones.filter(claims_removal=True):
        watch.see(item)
    for item in open_ones.filter(claim=Claim.REFUSED).order_by("-claim_at")[:FEW]:
        watch.truths[item.pk] = Truth(gone_at=timezone.now(), cause="author")
        watch.see(item)


def write(people: dict[str, User]) -> None:
    """A letter to one platform in dispute has left, one to the next waits for a reviewer; the rest is for today."""
    officer = people["officer"]
    waiting = disputes.said_removed(Item.objects.select_related("platform")).order_by("platform__name", "pk")
    for number, (_, items) in enumerate(groupby(waiting, key=lambda item: item.platform_id)):
        if number == 2:
            return
        for notice in disputing.draft(list(items)[:FEW], captures=True, by=officer):
            drafting.set_sender(
                notice, organisation="Online Content Referral Centre", name="Referral desk",
                email="referrals@desk.example", good_faith=True, by=officer,
            )  # fmt: skip
            drafting.submit(notice, by=officer)
            if number == 0:
                drafting.approve(notice, by=people["reviewer"])
                dispatch.queue(notice, by=officer)
    dispatch.send_due()
