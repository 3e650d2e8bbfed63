"""A screenshot is a picture that opens; only a picture lets one look confirm a removal."""

import io
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import User
from casework import checks, evidence, pictures, store
from casework.models import Evidence, ItemStatus, Presence
from tests.factories import PIXEL, exhibit, item_at, make_item

HTML = b"<!DOCTYPE html><html><body>Gone</body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'
PROGRAM = b"MZ\x90\x00" + bytes(100)


def picture(form: str, size: tuple[int, int] = (20, 20)) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(stream, form)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("form", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_screenshot_is_known_by_its_content(form: str, media_type: str) -> None:
    assert pictures.must_be_screenshot(picture(form), "page.exe") == media_type


def half(form: str) -> bytes:
    whole = picture(form, (200, 200))
    return whole[: len(whole) // 2]


def huge() -> bytes:
    stream = io.BytesIO()
    Image.new("1", (10_000, 6_000)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HTML, "a web page"),
        (SVG, "a drawing (SVG)"),
        (PROGRAM, "a program"),
        (b"%PDF-1.7", "a PDF"),
        (b"not much of a picture", "no picture that can be opened"),
        (b"\x89PNG\r\n\x1a\n" + b"not much of a picture", "a picture that is broken or cut off"),
        (half("PNG"), "a picture that is broken or cut off"),
        (half("JPEG"), "a picture that is broken or cut off"),
        (picture("GIF"), "a GIF picture"),
        (huge(), "a picture of 10,000 × 6,000 pixels (at most 50,000,000)"),
    ],
    ids=["html", "svg", "exe", "pdf", "text", "only the beginning", "cut", "cut jpeg", "gif", "huge"],
)
def test_anything_else_is_named_and_what_is_accepted(content: bytes, said: str) -> None:
    with pytest.raises(pictures.NotAPicture) as refused:
        pictures.must_be_screenshot(content, "s.png")

    assert str(refused.value).startswith("“s.png” (")
    assert f" is {said}. A screenshot is a PNG, JPEG or WebP picture that opens." in str(refused.value)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_damaged_pictures_raise_nothing_else(form: str) -> None:
    whole, chance = picture(form), random.Random(7)

    for _ in range(150):
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        assert pictures.media_type(bytes(content)) in {"", *pictures.MEDIA_TYPES.values()}


@pytest.mark.django_db
@pytest.mark.parametrize("content", [HTML, SVG, PROGRAM], ids=["html", "svg", "exe"])
def test_screenshot_that_is_none_is_neither_kept_nor_stored(content: bytes, officer: User) -> None:
    item = make_item()

    with pytest.raises(ValidationError, match=r"“s\.png”") as refused:
        evidence.attach(item, content=content, filename="s.png", media_type="image/png", by=officer)

    assert list(refused.value.message_dict) == ["file"]
    assert not Evidence.objects.exists()


@pytest.mark.django_db
def test_document_may_be_any_file_but_is_called_no_picture(officer: User) -> None:
    kept = exhibit(make_item(), content=HTML, filename="s.png", media_type="image/png", kind="document")

    assert kept.media_type == "application/octet-stream"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "content", "confirms"),
    [
        ("screenshot", PIXEL, True),
        ("document", PIXEL, True),
        ("document", HTML, False),
        ("capture", HTML, False),
    ],
)
def test_only_a_picture_confirms(kind: str, content: bytes, confirms: bool, officer: User) -> None:
    item = item_at(ItemStatus.NOTIFIED)
    shown = exhibit(item, content=content, kind=kind)

    made = checks.record(item, verdict="gone", cause="platform_policy", exhibit=shown, by=officer)

    assert made.confirms == confirms
    assert item.presence == (Presence.GONE if confirms else Presence.PERHAPS_GONE)


@pytest.mark.django_db
def test_picture_whose_file_is_lost_confirms_nothing(officer: User) -> None:
    item = item_at(ItemStatus.NOTIFIED)
    shown = exhibit(item)
    store.path(shown.sha256).unlink()

    assert not checks.record(item, verdict="gone", exhibit=shown, by=officer).confirms


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "said"), [(HTML, "is a web page"), (b"", "is empty. Send a file of 1 byte to 50.0 MB")]
)
def test_page_of_the_check_says_it_beside_the_field_and_keeps_what_was_typed(
    content: bytes, said: str, officer: User, signed_in: Callable[[User], Client]
) -> None:
    item = item_at(ItemStatus.NOTIFIED)
    sent = {"verdict": "gone", "cause": "platform_policy", "vantage": "GB", "confidence": "high"}

    response = signed_in(officer).post(
        f"/items/{item.reference}/check/",
        {**sent, "note": "Seen at noon", "screenshot": SimpleUploadedFile("s.png", content, "image/png")},
    )

    assert response.status_code == 422
    assert said in response.context["form"].errors["screenshot"][0].replace("\xa0", " ")
    assert "Seen at noon" in response.content.decode()
    assert not item.checks.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"), [("a.exe", PROGRAM), ("s.png", HTML), ("s.svg", SVG), ("s.png", b"")]
)
def test_page_and_call_for_an_exhibit_refuse_alike(
    name: str, content: bytes, officer: User, signed_in: Callable[[User], Client], api: Callable[[User], Any]
) -> None:
    item, client = make_item(), api(officer)

    page = signed_in(officer).post(
        f"/items/{item.reference}/evidence/",
        {"kind": "screenshot", "file": SimpleUploadedFile(name, content, "image/png")},
    )
    call: APIClient = client.post(
        f"/api/v1/items/{item.reference}/evidence/",
        {"file": SimpleUploadedFile(name, content, "image/png")},
        format="multipart",
    )

    said = page.context["form"].errors["file"]
    assert (page.status_code, call.status_code) == (422, 400)
    assert call.json()["errors"] == {"file": list(said)}
    assert not Evidence.objects.exists()
