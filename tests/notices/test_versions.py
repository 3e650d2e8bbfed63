from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Role
from casework.models import Event
from casework.transitions import TransitionNotAllowed
from notices import drafting, letters, reference, tryout, versions, wording
from notices.models import LetterVersion, NoticeKind
from platforms.models import Platform
from tests.notices.letters_at import Desk

BODY = """$organisation, $sender_name, $sender_email
$urgency
[each line]
$line: $address
Owner: $owner
Was: $was
Why: $reasons
[end]
$good_faith
"""
SUBJECT = "Notice $reference"

Made = Callable[..., User]


@pytest.fixture
def writer(person: Made) -> User:
    return person(Role.MANAGER)


@pytest.fixture
def second(person: Made) -> User:
    return person(Role.ADMINISTRATOR)


def write(writer: User, **given: object) -> LetterVersion:
    wanted = {"kind": "notice", "language": "en", "subject": SUBJECT, "body": BODY, **given}
    return versions.write(**wanted, by=writer)


def test_every_shipped_wording_is_version_one_in_force(db: None) -> None:
    found = LetterVersion.objects.in_force(timezone.now()).values_list("number", "shipped")

    assert len(found) == 32
    assert set(found) == {(1, True)}


def test_loading_again_adds_nothing(db: None) -> None:
    before = LetterVersion.objects.count()

    reference.load_after_migrate("default")

    assert LetterVersion.objects.count() == before


def test_a_new_wording_is_the_next_version_unless_somebody_wrote_their_own(writer: User) -> None:
    write(writer, letter="fraud")
    at = timezone.now()
    for letter in ("general", "fraud"):  # as if an earlier release had brought this
        LetterVersion.objects.create(
            kind="notice", letter=letter, language="en", number=9, subject="Earlier", body="Earlier", shipped=True,
            written_at=at, in_force_from=at,
        )  # fmt: skip

    reference.load_after_migrate("default")

    newest = LetterVersion.objects.filter(kind="notice", language="en", number__gt=9)
    assert list(newest.values_list("letter", "number", "shipped")) == [("general", 10, True)]


@pytest.mark.parametrize(
    ("subject", "body", "field", "said"),
    [
        (SUBJECT, f"{BODY}$nobody", "body", "Line 10: $nobody is no placeholder; there are:"),
        (SUBJECT, BODY.replace("$owner", "$date"), "body", "Line 5: $date is no placeholder between"),
        (
            SUBJECT,
            f"It costs 5 $ only\n{BODY}",
            "body",
            "Line 1: a “$” stands alone; write “$$” for the sign itself.",
        ),
        (f"{SUBJECT} $lines", BODY, "subject", "$lines does not fit into one line."),
        (SUBJECT, BODY.replace("[end]\n", ""), "body", "Line 3: “[each line]” has no end"),
        (
            SUBJECT,
            BODY.replace("[each line]\n", "").replace("$line:", ""),
            "body",
            "Line 7: “[end]” ends nothing",
        ),
        (
            SUBJECT,
            BODY.replace("$good_faith", ""),
            "body",
            "$good_faith is missing: the statement of good faith.",
        ),
        (
            SUBJECT,
            BODY.replace("$reasons", ""),
            "body",
            "$reasons is missing between “[each line]” and “[end]”",
        ),
        (
            SUBJECT,
            BODY.replace("$sender_email", ""),
            "body",
            "$sender_email is missing: the sender's e-mail address.",
        ),
        ("Notice", BODY, "body", "$reference is missing: the notice's reference."),
    ],
)
def test_what_no_letter_can_be_made_from_is_refused_at_save(
    writer: User, subject: str, body: str, field: str, said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        write(writer, subject=subject, body=body)

    assert any(message.startswith(said) for message in refused.value.message_dict[field])
    assert LetterVersion.objects.filter(shipped=False).count() == 0


def test_a_version_counts_once_a_second_person_has_approved_it(
    desk: Desk, writer: User, second: User
) -> None:
    made = write(writer, letter="unlawful_immigration")
    notice = desk.draft(lines=1)

    with pytest.raises(TransitionNotAllowed, match="somebody else must"):
        versions.approve(made, by=writer)
    before = letters.compose(notice).version
    versions.approve(made, by=second)

    assert before.shipped
    assert letters.compose(notice).version == made
    assert [event.kind for event in Event.objects.filter(kind__startswith="letter.").order_by("pk")] == [
        "letter.written",
        "letter.approved",
    ]


def test_the_most_specific_letter_wins_whatever_the_order(desk: Desk, writer: User, second: User) -> None:
    x = Platform.objects.get(slug="x")
    keys = [
        {"letter": "bsaia_2025_17", "platform": x},
        {"letter": "bsaia_2025_17"},
        {"letter": "unlawful_immigration", "platform": x},
        {"letter": "unlawful_immigration"},
        {"platform": x},
        {},
    ]
    for key in keys:
        versions.approve(write(writer, **key), by=second)
    at = timezone.now()

    taken = []
    for _ in keys:
        version = versions.fitting(
            kind="escalation", letter="unlawful_immigration", grounds={"bsaia_2025_17"}, platform=x, language="en",
            at=at,
        )  # fmt: skip
        taken.append({"letter": version.letter, **({"platform": x} if version.platform else {})})
        LetterVersion.objects.filter(pk=version.pk).update(retired_at=at, retired_by=second)

    assert taken == [{"letter": "general", **key} for key in keys]


def test_a_version_from_later_on_waits(desk: Desk, writer: User, second: User) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    made = versions.approve(write(writer), in_force_from=tomorrow, by=second)

    def taken(at: object) -> LetterVersion:
        return versions.fitting(
            kind="notice", letter="general", grounds=(), platform=None, language="en", at=at
        )

    assert taken(timezone.now()).shipped
    assert taken(tomorrow) == made


def test_a_notice_keeps_the_version_it_was_frozen_with(desk: Desk, writer: User, second: User) -> None:
    notice = desk.submitted(lines=1)
    first = notice.letter_version
    versions.approve(write(writer, letter="unlawful_immigration"), by=second)

    notice.refresh_from_db()
    thawed = drafting.send_back(notice, reason="Wrong", by=desk.second)

    assert first is not None
    assert first.shipped
    assert thawed.letter_version is None
    assert drafting.submit(thawed, by=desk.first).letter_version.written_by == writer


def test_only_the_newest_version_can_be_approved(writer: User, second: User) -> None:
    older = write(writer)
    newer = write(writer, body=BODY + "More.\n")

    with pytest.raises(TransitionNotAllowed, match=f"Version {newer.number} is newer"):
        versions.approve(older, by=second)
    with pytest.raises(ValidationError, match="Nothing is changed"):
        write(writer, body=BODY + "More.\n")


def test_the_last_letter_of_a_language_is_not_retired(writer: User, second: User) -> None:
    general = LetterVersion.objects.get(kind="notice", letter="general", language="de")
    own = versions.approve(write(writer, letter="fraud"), by=second)

    with pytest.raises(TransitionNotAllowed, match="needs a general letter"):
        versions.retire(general, reason="Old", by=writer)
    versions.retire(own, reason="Not needed", by=writer)

    assert versions.names("en", at=timezone.now()) == ["general", "unlawful_immigration"]


def test_only_managers_and_administrators_write_letters(desk: Desk) -> None:
    with pytest.raises(PermissionDenied):
        write(desk.second)


def test_the_database_keeps_the_text_of_a_version(writer: User) -> None:
    made = write(writer)

    with pytest.raises(DatabaseError), transaction.atomic():
        LetterVersion.objects.filter(pk=made.pk).update(body="Another text")
    with pytest.raises(DatabaseError), transaction.atomic():
        LetterVersion.objects.filter(pk=made.pk).delete()


def test_values_are_filled_in_once_and_empty_rows_left_out() -> None:
    line = {
        **dict.fromkeys(wording.LINE_PLACEHOLDERS, ""),
        "line": "1",
        "address": "$good_faith",
        "reasons": "${line}",
    }
    values = dict.fromkeys(wording.PLACEHOLDERS, "-")

    filled = wording.fill(
        "[each line]\n$line: $address\nOwner: $owner\nWhy: $reasons\n[end]\n$$5", values, [line]
    )

    assert filled == "1: $good_faith\nWhy: ${line}\n$5"


@pytest.mark.parametrize("kind", NoticeKind.values)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_kind_can_be_tried_without_items_and_on_a_notice(kind: str, language: str, desk: Desk) -> None:
    notice = desk.draft(lines=2)
    version = versions.fitting(
        kind=kind, letter="general", grounds=(), platform=None, language=language, at=timezone.now()
    )
    version.kind = kind

    invented = tryout.write(version, "", by=desk.first)
    real = tryout.write(version, notice.reference, by=desk.first)

    assert "https://social.example/seller/posts/1\n" in invented.body
    assert all(line.address in real.body for line in notice.lines.all())


def test_trying_says_what_it_cannot_find(desk: Desk, writer: User) -> None:
    version = LetterVersion.objects.get(kind="notice", letter="general", language="en")

    with pytest.raises(ValidationError, match="There is no notice, item or case “N2026-999999”"):
        tryout.write(version, "N2026-999999", by=writer)


def test_pages_write_try_compare_and_approve(client: Client, desk: Desk, writer: User, second: User) -> None:
    notice = desk.draft(lines=1)
    shipped = LetterVersion.objects.get(kind="notice", letter="general", language="en")
    change = reverse("notices:letter_change", args=[shipped.pk])
    said = {"subject": SUBJECT, "body": shipped.body + "\nThank you.\n", "note": "A word of thanks"}
    client.force_login(writer)

    tried = client.post(change, {**said, "on": notice.reference, "step": "preview"})
    printed = client.post(change, {**said, "on": notice.reference, "step": "pdf"})
    wrong = client.post(change, {**said, "body": "$nobody"})
    saved = client.post(change, said, follow=True)

    assert (tried.status_code, wrong.status_code) == (200, 422)
    assert notice.lines.get().address in tried.content.decode()
    assert (printed["Content-Type"], printed.content[:5]) == ("application/pdf", b"%PDF-")
    assert "Line 1: $nobody is no placeholder" in wrong.content.decode()
    assert '<ins dir="auto">' in saved.content.decode()
    made = LetterVersion.objects.get(shipped=False)
    client.force_login(second)
    client.post(reverse("notices:letter_approve", args=[made.pk]), {"in_force_from": ""})
    made.refresh_from_db()
    assert (made.approved_by, made.number) == (second, 2)


def test_the_api_writes_approves_and_retires(
    writer: User, second: User, api: Callable[[User], APIClient]
) -> None:
    said = {
        "letter": "fraud",
        "platform": "x",
        "language": "en",
        "subject": SUBJECT,
        "body": BODY,
        "note": "Shorter",
    }

    made = api(writer).post("/api/v1/letters/", said)
    address = f"/api/v1/letters/{made.data['id']}/approve/"
    own = api(writer).post(address, {})
    approved = api(second).post(address, {})
    retired = api(writer).post(f"/api/v1/letters/{made.data['id']}/retire/", {"reason": "Too short"})

    assert [each.status_code for each in (made, own, approved, retired)] == [201, 409, 200, 200]
    assert [made.data[name] for name in ("kind", "platform", "number", "in_force_from")] == [
        "notice",
        "x",
        1,
        None,
    ]
    assert approved.data["approved_by"] == str(second)
    assert retired.data["retired_by"] == str(writer)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"body": "$nobody"}, "body"), ({"language": "xx"}, "language"), ({"platform": "nowhere"}, "platform"),
        ({"platform": "x\0"}, "platform"), ({"letter": "no-ground"}, "letter"), ({"subject": "a\0b"}, "subject"),
        ({"words": "x"}, "words"),
    ],
)  # fmt: skip
def test_the_api_names_the_field_of_a_letter_that_cannot_be(
    writer: User, api: Callable[[User], APIClient], wrong: dict[str, str], field: str
) -> None:
    said = {"language": "en", "subject": SUBJECT, "body": BODY, **wrong}

    refused = api(writer).post("/api/v1/letters/", said)

    assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])
    assert not LetterVersion.objects.filter(shipped=False).exists()
