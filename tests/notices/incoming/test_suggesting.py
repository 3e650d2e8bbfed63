"""Sentences as platforms write them, and what they are read to say."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from notices.incoming import moments
from notices.incoming.suggesting import About, suggest

LINES = [
    About.of(1, "2026-000001", "https://x.com/a/status/1"),
    About.of(2, "2026-000002", "https://www.x.com/b/status/2/"),
    About.of(3, "2026-000003", "https://x.com/c/status/12"),
]
ALL = {1: "removed", 2: "removed", 3: "removed"}


def said(text: str) -> dict[int, str]:
    made = suggest(text, LINES)
    return {
        position: ":".join(filter(None, (each.answer, each.refusal_code)))
        for position, each in sorted(made.lines.items())
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("We have removed all posts.", ALL),
        ("Line 1 has been removed.", {1: "removed"}),
        ("Lines 1 and 3 have been removed.", {1: "removed", 3: "removed"}),
        ("Items 1-3: deleted.", ALL),
        ("Zeilen 1 bis 3 wurden gelöscht.", ALL),
        ("1. removed\n2. already gone\n3) not found", {1: "removed", 2: "already_gone", 3: "not_found_by_platform"}),
        ("2026-000002: removed", {2: "removed"}),
        ("https://x.com/a/status/1\nDeleted\n", {1: "removed"}),
        ("x[.]com/b/status/2 was taken\ndown.", {2: "removed"}),
        ("> 1. 2026-000001\nremoved\n> 3. 2026-000003\nNo violation.", {1: "removed", 3: "refused:no_policy_breach"}),
        ("> 2026-000001\n> 2026-000002\n> 2026-000003\n\nAll removed.", ALL),
        ("Line 1: removed. The others do not violate our rules.",
         {1: "removed", 2: "refused:no_policy_breach", 3: "refused:no_policy_breach"}),
        ("Some were removed. Some do not violate our rules.", {}),
        ("We will remove them.", {}),
        ("They have not been removed.", {}),
        ("Once removed, we will tell you.", {}),
        ("Was it removed?", {}),
        ("No posts were removed.", {}),
        ("Neither post has been removed. None of the posts have been removed.", {}),
        ("The team failed to have them removed.", {}),
        ("The posts are being removed. They are going to be deleted.", {}),
        ("We expect the posts to be removed by Friday.", {}),
        ("All posts have been removed except line 2.", {}),
        ("We removed all but one.", {}),
        ("We removed one of the posts.", {}),
        ("Line 1 has been removed, but line 2 does not violate our policies.",
         {1: "removed", 2: "refused:no_policy_breach"}),
        ("Zeile 1 wurde gelöscht, aber Zeile 3 verstößt nicht gegen unsere Regeln. Nichts anderes wurde gelöscht.",
         {1: "removed", 3: "refused:no_policy_breach"}),
        ("Die Beiträge werden gelöscht.", {}),
        ("Rien n'a été supprimé. Ni l'un ni l'autre n'ont été supprimés. Tout a été supprimé sauf la ligne 2.", {}),
        ("La ligne 1 a été supprimée mais la ligne 2 n'enfreint pas nos règles.",
         {1: "removed", 2: "refused:no_policy_breach"}),
        ("تم حذف جميع المنشورات باستثناء السطر 2.", {}),
        ("You asked us to take down 3 posts.", {}),
        ("Wir werden die Beiträge nicht entfernen.", dict.fromkeys((1, 2, 3), "refused:other")),
        ("Die Beiträge sind nicht mehr verfügbar.", dict.fromkeys((1, 2, 3), "already_gone")),
        ("Die Inhalte wurden nicht entfernt.", dict.fromkeys((1, 2, 3), "refused:other")),
        ("Les publications ont été supprimées.", ALL),
        ("Les publications seront supprimées.", {}),
        ("Le compte a été suspendu. Nous avons désactivé ce compte. Compte suspendue.",
         dict.fromkeys((1, 2, 3), "account_suspended")),
        ("تم حذف المنشورات.", ALL),
        ("سيتم حذف المنشورات.", {}),
        ("لم نتمكن من العثور على المحتوى.", dict.fromkeys((1, 2, 3), "not_found_by_platform")),
        ("The account was permanently suspended.", dict.fromkeys((1, 2, 3), "account_terminated")),
        ("We preserved the data.", dict.fromkeys((1, 2, 3), "preserved_only")),
        ("This content is withheld in France.", dict.fromkeys((1, 2, 3), "access_disabled")),
        ("Insufficient information to act on line 2.", {2: "refused:insufficient_information"}),
        ("Please resubmit via our form.", dict.fromkeys((1, 2, 3), "refused:wrong_channel")),
        ("Line 9 was removed.", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_sentence_is_read_as(text: str, says: dict[int, str]) -> None:
    assert said(text) == says


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("Ticket #88123 has been created.", "88123"),
        ("Your case number is ABC-1234.", "ABC-1234"),
        ("Votre demande n° 4455 est enregistrée.", "4455"),
        ("Vorgang Nr. 2026/77", "2026/77"),
        ("رقم الطلب: 9912", "9912"),
        ("About notice N2026-000001, reference 2026-000002", ""),
        ("The case is closed.", ""),
    ],
)
def test_reference_of_the_platform(text: str, reference: str) -> None:
    assert suggest(text, LINES).platform_reference == reference


def test_time_of_effect_is_taken_with_its_hour_alone() -> None:
    exact = suggest("Removed on 1 March 2026 at 10:15 UTC.", LINES).lines[1].effective_at
    day = suggest("Removed on 1 March 2026.", LINES)

    assert exact == datetime(2026, 3, 1, 10, 15, tzinfo=UTC)
    assert (day.lines[1].effective_at, day.times) == (
        None,
        [datetime(2026, 3, 1, tzinfo=ZoneInfo("Europe/London"))],
    )


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-07-01T14:30+02:00", datetime(2026, 7, 1, 12, 30, tzinfo=UTC)),
        ("01.07.2026 um 14:30 Uhr", datetime(2026, 7, 1, 13, 30, tzinfo=UTC)),
        ("1er juillet 2026 à 14h30", datetime(2026, 7, 1, 13, 30, tzinfo=UTC)),
        ("July 1st, 2026 14:30 GMT", datetime(2026, 7, 1, 14, 30, tzinfo=UTC)),
        ("١ يوليو ٢٠٢٦ الساعة ١٤:٣٠", datetime(2026, 7, 1, 13, 30, tzinfo=UTC)),  # noqa: RUF001
    ],
)
def test_times_are_found(text: str, at: datetime) -> None:
    assert moments.found(text) == [(at, True)]


def test_what_is_no_time_is_passed_over() -> None:
    assert moments.found("31.02.2026 or 2026-13-01 or 99/99/2026, and 1 March 2026 at 99:99") == []


def test_receipt_and_question_are_told() -> None:
    assert suggest("Thank you for contacting us.", LINES).is_receipt
    assert suggest("Could you please provide more details?", LINES).is_question
    assert suggest("One was removed. One was not found.", LINES).several
