"""What is internal leaves by no letter: shown by the list of what does, and by canaries in everything else."""

import io
from dataclasses import fields
from datetime import timedelta
from zipfile import ZipFile

import pikepdf
import pytest
from django.db import models
from django.utils import timezone

from casework import checks, evidence, holds
from casework.models import Case, Evidence, Item
from notices import answers, disputing, drafting, hand_off, item_lists, letters, side_letters, telling
from notices.channels import webhook
from notices.channels.mail import letter_message
from notices.disclosed import (
    Disclosed,
    DisclosedClause,
    DisclosedDispute,
    DisclosedGround,
    DisclosedLine,
    DisclosedReturn,
)
from notices.line_table import line_sheet, line_table
from notices.models import DISPUTES, Notice, NoticeKind
from platforms.models import Language
from tests.factories import PIXEL
from tests.journeys.pdf import text_of
from tests.notices.letters_at import Desk, channel
from tests.notices.test_disputing import contested_line, kept_line

CANARY = "ZQCANARY"
# Fields of an item that a letter says; every other one that holds words gets a canary.
TOLD = {
    "reference", "printed", "identifier", "owner", "kind", "severity", "status", "presence", "canonical", "key",
    "status_before", "closed_as", "not_actionable_as", "claim", "last_verdict", "gone_cause", "language", "direction",
}  # fmt: skip


def test_a_platform_is_told_these_values_and_no_others() -> None:
    assert [field.name for field in fields(Disclosed)] == [
        "reference", "kind", "platform", "platform_name", "language", "severity", "threat_to_life", "organisation",
        "sender_name", "sender_email", "good_faith", "explanation", "marking", "handling", "follows",
        "follows_sent_at", "told_before", "answer_amount", "answer_unit", "lines",
    ]  # fmt: skip
    assert [field.name for field in fields(DisclosedLine)] == [
        "position", "reference", "address", "was", "kind", "identifier", "owner", "threat_to_life", "ground",
        "clause", "severity", "reasons", "dispute", "back",
    ]  # fmt: skip
    assert [field.name for field in fields(DisclosedGround)] == ["code", "name", "summary"]
    assert [field.name for field in fields(DisclosedClause)] == ["code", "title", "url", "language"]
    assert [field.name for field in fields(DisclosedDispute)] == [
        "notice", "line", "sent_at", "answer", "refusal_code", "answered_at", "verdict", "seen_at", "vantage", "sha256",
    ]  # fmt: skip
    assert [field.name for field in fields(DisclosedReturn)] == ["notice", "sent_at", "seen_at"]


def plant(notice: Notice, desk: Desk) -> int:
    """A canary in each place of ours around the items of a notice; returns in how many columns of an item."""
    item = notice.lines.first().item
    other = desk.sent(platform="facebook", lines=1)
    answers.answer_line(
        other.lines.get(), answer="refused", refusal_code="other", note=CANARY, source="portal", by=desk.first
    )
    held = holds.place(item, authority=CANARY, reason=CANARY, review_at=None, by=desk.first)
    holds.release(held, reason=CANARY, by=desk.first)
    Item.objects.filter(pk=item.pk).update(status="notified" if notice.disputes else "approved")
    exhibit = evidence.attach(item, content=PIXEL, filename=f"{CANARY}.png", by=desk.first)
    checks.record(
        item, verdict="gone" if notice.kind == NoticeKind.ENQUIRY else "live", exhibit=exhibit, marker=CANARY,
        note=CANARY, by=desk.first, at=timezone.now() + timedelta(seconds=1),
    )  # fmt: skip
    telling.tell(other, how="telephone", at=timezone.now(), reason=CANARY, by=desk.first)
    Case.objects.filter(pk=item.case_id).update(title=CANARY)
    columns = {
        field.name: CANARY
        for field in Item._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and not field.unique
        and field.name not in TOLD
        and (field.max_length or 99) >= len(CANARY)
    }
    Item.objects.filter(notice_lines__notice=notice).update(**columns)
    return len(columns)


def everything_sent(notice: Notice) -> str:
    """All that leaves about a notice, over every channel, as text."""
    way = channel("x", "mail")
    message = letter_message(notice, way, at=timezone.now())
    parts = [message.subject, message.body, webhook.payload(notice).decode(), line_table(notice).decode()]
    for attachment in message.attachments:
        parts.append(attachment.filename)
        content = attachment.content
        parts.append(content if isinstance(content, str) else content.decode("utf-8", "ignore"))
    with ZipFile(io.BytesIO(line_sheet(notice))) as book:
        parts += [book.read(name).decode() for name in book.namelist()]
    printed = letters.pdf(notice)
    parts.append(text_of(printed))
    with pikepdf.open(io.BytesIO(printed)) as document:
        parts += [str(value) for value in document.docinfo.values()]
    parts += [content.decode() for content in item_lists.frozen(notice).values()]
    parts += [piece.text for section in hand_off.sections(notice, way) for piece in section.pieces]
    return "\n".join(parts)


@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize("kind", NoticeKind.values)
def test_no_canary_leaves_by_any_letter(kind: str, language: str, desk: Desk) -> None:
    notice = made(kind, desk)
    Notice.objects.filter(pk=notice.pk).update(language=language, kind=kind)
    notice.refresh_from_db()
    planted = plant(notice, desk)

    frozen = drafting.submit(notice, by=desk.first)

    said = everything_sent(frozen)
    assert planted >= 4
    assert frozen.lines.first().address in said
    assert CANARY not in said


def made(kind: str, desk: Desk) -> Notice:
    """A draft of this kind."""
    if kind in DISPUTES:
        line = contested_line(desk) if kind == NoticeKind.DISPUTE else kept_line(desk)
        return signed(disputing.draft([line.item], captures=True, by=desk.first)[0], desk)
    if kind not in {NoticeKind.WITHDRAWAL, NoticeKind.CORRECTION}:
        if kind == NoticeKind.PRESERVATION:
            return signed(side_letters.draft_preservation([desk.item()], by=desk.first)[0], desk)
        return desk.draft(lines=1)
    before = desk.sent(lines=1)
    if kind == NoticeKind.CORRECTION:
        return signed(
            side_letters.draft_correction(before, [1], explanation="It moved.", by=desk.first), desk
        )
    answers.withdraw(before, reason=CANARY, by=desk.second)
    return signed(side_letters.draft_withdrawal(before, explanation="It is lawful.", by=desk.first), desk)


def signed(notice: Notice, desk: Desk) -> Notice:
    return drafting.set_sender(
        notice, organisation="Referral Centre", name="Referral desk", email="desk@centre.example", good_faith=True,
        by=desk.first,
    )  # fmt: skip


def test_the_canary_would_be_seen(desk: Desk) -> None:
    """A control: where a letter does say a word of ours, the same search finds it."""
    notice = desk.draft(lines=1)
    Item.objects.filter(notice_lines__notice=notice).update(owner=CANARY)

    said = everything_sent(drafting.submit(notice, by=desk.first))

    assert said.count(CANARY) >= 4
    assert Evidence.objects.count() == 1
