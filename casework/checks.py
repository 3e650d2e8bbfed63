"""Looking at an item: recording what was seen, and what follows from it."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events, evidence
from casework.models import GONE, Check, Confidence, Evidence, Item, Method
from casework.projecting import Looked, project


def record(
    item: Item,
    *,
    verdict: str,
    cause: str = "",
    note: str = "",
    exhibit: Evidence | None = None,
    vantage: str = "GB",
    method: str = Method.PERSON,
    confidence: str = Confidence.HIGH,
    marker: str = "",
    logged_in: bool = False,
    by: User,
    at: datetime | None = None,
) -> Check:
    """Record one look; the item's presence, handling and next look follow from all looks so far.

    A person's look at something gone confirms alone only with a picture of it. Raises `ValidationError` for a look
    in the future or a cause on something that is not gone.
    """
    require(by, Permission.CHECK_ITEM)
    now = timezone.now()
    at = at or now
    if at > now + timedelta(minutes=1):
        raise ValidationError({"at": "A check cannot lie in the future."})
    if cause and verdict not in GONE:
        raise ValidationError({"cause": "Only something that is gone has a stated cause."})
    if exhibit and exhibit.item_id != item.pk:
        raise ValidationError({"exhibit": "This exhibit belongs to another item."})
    check = Check(
        item=item,
        at=at,
        verdict=verdict,
        cause=cause,
        method=method,
        vantage=vantage,
        logged_in=logged_in,
        confidence=confidence,
        marker=marker,
        note=note,
        exhibit=exhibit,
        confirms=_confirms_alone(method, confidence, exhibit),
        by=by,
        by_name=by.name,
    )
    check.full_clean()
    with transaction.atomic():
        locked = Item.objects.select_for_update(of=("self",)).select_related("platform").get(pk=item.pk)
        check.save(force_insert=True)
        events.record(
            "check.recorded",
            by=by,
            at=at,
            item=locked,
            new=verdict,
            details={"verdict": check.get_verdict_display(), "vantage": vantage, "confidence": confidence},
        )
        project([Looked(locked, at)])
    item.refresh_from_db()
    return check


def _confirms_alone(method: str, confidence: str, exhibit: Evidence | None) -> bool:
    sure = method == Method.PERSON and confidence == Confidence.HIGH
    return sure and exhibit is not None and evidence.shows_the_page(exhibit)
