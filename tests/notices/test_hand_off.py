"""Delivery by a person: the fields of the platform's form, and what is kept of who delivered what."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from notices import dispatch, hand_off
from notices.models import DeliveryRecord, Dispatch, Notice
from platforms.models import Channel, ChannelKind, FormPart
from tests.notices.letters_at import Desk, ago


def waiting(desk: Desk, *parts: str, lines: int = 2) -> tuple[Notice, Dispatch]:
    notice = desk.queued(lines=lines, kind=ChannelKind.BY_HAND, at=ago(hours=2))
    if parts:
        Channel.objects.filter(kind=ChannelKind.BY_HAND).update(form_parts=parts)
    return notice, Dispatch.objects.select_related("channel").get()


def test_the_fields_come_in_the_order_in_which_the_form_asks(desk: Desk) -> None:
    notice, row = waiting(desk, FormPart.EMAIL, FormPart.ADDRESSES, FormPart.REFERENCE)
    notice.refresh_from_db()

    [whole] = hand_off.sections(notice, row.channel)

    addresses = "\n".join(notice.lines.values_list("address", flat=True))
    assert [(piece.label, piece.text) for piece in whole.pieces] == [
        ("E-mail address", "desk@centre.example"),
        ("Addresses", addresses),
        ("Our reference", notice.reference),
    ]


def test_every_field_and_line_unless_the_form_is_described(desk: Desk) -> None:
    notice, row = waiting(desk)
    notice.refresh_from_db()

    whole, *lines = hand_off.sections(notice, row.channel)

    assert [piece.label for piece in whole.pieces] == [
        part.label for part in FormPart if part != FormPart.LINES
    ]
    assert [line.title for line in lines] == ["Line 1", "Line 2"]
    assert {piece.label: piece.text for piece in lines[0].pieces}["Reasons"] == (
        "Offers places in a small boat and names a price."
    )
    ids = [piece.id for section in (whole, *lines) for piece in section.pieces]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("reference", "proves", "basis", "kinds"),
    [
        ("", False, "sent", ["sent"]),
        ("CASE-77", False, "received", ["sent", "received"]),
        ("", True, "received", ["sent", "received"]),
    ],
)
def test_a_reference_or_the_channel_itself_proves_receipt(
    reference: str, proves: bool, basis: str, kinds: list[str], desk: Desk
) -> None:
    notice, row = waiting(desk)
    Channel.objects.filter(pk=row.channel_id).update(proves_receipt=proves)
    at = ago(hours=1)

    dispatch.resolve_unknown(row, arrived=True, reference=f" {reference} ", at=at, by=desk.first)

    notice.refresh_from_db()
    assert (notice.t0_basis, notice.received_at, notice.platform_reference) == (basis, at, reference)
    found = DeliveryRecord.objects.order_by("pk").values_list("kind", "reference", "by", "at")
    assert list(found) == [(kind, reference, desk.first.pk, at) for kind in kinds]


def test_what_did_not_arrive_has_no_reference(desk: Desk) -> None:
    _, row = waiting(desk)

    with pytest.raises(ValidationError) as refused:
        dispatch.resolve_unknown(row, arrived=False, reference="CASE-77", by=desk.first)

    assert list(refused.value.message_dict) == ["reference"]


def test_the_page_holds_each_field_as_text_and_takes_the_reference(
    desk: Desk, signed_in: Callable[[User], Client]
) -> None:
    notice, row = waiting(desk, lines=1)
    notice.refresh_from_db()
    client, page = signed_in(desk.first), f"/dispatches/{row.pk}/resolve/"

    shown = client.get(page).content.decode()
    saved = client.post(page, {"arrived": "yes", "reference": "CASE-77", "at": ""})

    address = notice.lines.get().address
    assert f"readonly>\n{address}</textarea>" in shown
    assert f'href="{address}' not in shown
    assert saved.status_code == 302
    assert "CASE-77" in client.get(f"/notices/{notice}/").content.decode()


def test_the_api_takes_the_reference_too(desk: Desk, api: Callable[[User], APIClient]) -> None:
    notice, row = waiting(desk, lines=1)

    answer = api(desk.first).post(
        f"/api/v1/dispatches/{row.pk}/resolve/", {"arrived": True, "reference": "C-7"}
    )
    told = api(desk.first).get(f"/api/v1/notices/{notice}/").json()

    assert answer.status_code == 200
    assert [(each["kind"], each["reference"], each["by"]) for each in told["delivery_records"]] == [
        ("sent", "C-7", "Officer 1"),
        ("received", "C-7", "Officer 1"),
    ]
