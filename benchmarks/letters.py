"""Letters that wait to leave by mail, for the benchmarks of sending: made by the real verbs, but for the one printing.

Printing a PDF for each would take longer than all that is measured; so one is printed, and the others carry it too.
"""

import hashlib
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from casework import assessment, cases, evidence, intake, store
from casework.models import Category, Ground, Item
from notices import dispatch, drafting, letters
from notices.line_table import line_sheet, line_table
from notices.models import Notice, NoticeStatus
from platforms.models import Channel, Platform

ADDRESS = "https://x.com/seller/status/17{:017d}"


def officer() -> User:
    return User.objects.filter(email="officer@desk.example").first() or User.objects.add(
        "officer@desk.example", role=Role.OFFICER
    )


def reviewer() -> User:
    return User.objects.filter(email="reviewer@desk.example").first() or User.objects.add(
        "reviewer@desk.example", role=Role.REVIEWER
    )


def approved_items(number: int, *, reference: str) -> list[Item]:
    """So many items of a case of their own, approved."""
    first, second = officer(), reviewer()
    begin = Item.objects.count()
    rows = [intake.NewItem(address=ADDRESS.format(begin + each)) for each in range(number)]
    case = cases.open_case(reference, title="Letters", by=first)
    items = intake.identify(rows, case=case, by=first).items
    assessment.assess_many(
        items,
        category=Category.objects.get(slug="small_boat_advert"),
        ground=Ground.objects.get(slug="bsaia_2025_17"),
        rationale="Offers places in a small boat.",
        severity="high",
        protected_speech="none",
        by=first,
    )
    for item in items:
        evidence.attach(item, content=b"a page", filename="seen.txt", kind="document", by=first)
    return assessment.approve_many(items, by=second)


def drafted(number: int, *, reference: str) -> list[Notice]:
    """So many letters of one line each, with their sender, ready to submit."""
    first = officer()
    way, _ = Channel.objects.get_or_create(
        platform=Platform.objects.get(slug="x"), kind="mail", defaults={"address": "legal@platform.example"}
    )
    made = []
    for item in approved_items(number, reference=reference):
        [notice] = drafting.draft([item], channel=way, by=first)
        drafting.set_sender(
            notice, organisation="Centre", name="Desk", email="desk@centre.example", good_faith=True, by=first
        )
        made.append(notice)
    return made


def approved(notice: Notice) -> Notice:
    drafting.submit(notice, by=officer())
    return drafting.approve(notice, by=reviewer())


def queued(number: int, *, reference: str, at: datetime | None = None) -> list[Notice]:
    """So many letters in the outbox, all due."""
    made, due = drafted(number, reference=reference), at or timezone.now()
    printed = approved(made[0])
    for notice in made[1:]:
        _approve_with_the_same_pdf(notice, printed)
    for notice in made:
        dispatch.queue(notice, by=officer(), at=due)
    return made


def _approve_with_the_same_pdf(notice: Notice, approved: Notice) -> None:
    letter = letters.compose(notice)
    notice.status, notice.pdf_sha256 = NoticeStatus.APPROVED, approved.pdf_sha256
    notice.subject, notice.body = letter.subject, letter.body
    notice.body_sha256 = hashlib.sha256(letter.body.encode()).hexdigest()
    notice.items_csv_sha256, notice.items_json_sha256 = map(store.put, letter.lists.values())
    notice.lines_csv_sha256 = store.put(line_table(notice))
    notice.lines_xlsx_sha256 = store.put(line_sheet(notice))
    notice.submitted_at, notice.submitted_by = approved.submitted_at, approved.submitted_by
    notice.approved_at, notice.approved_by = approved.approved_at, approved.approved_by
    notice.save()
