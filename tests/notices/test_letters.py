import hashlib
import io
import re

import pikepdf
import pytest
from django.utils import timezone

from accounts.cells import harmless
from casework.models import Ground, Item
from notices import letters, versions, wording
from notices.line_table import line_table
from notices.printing import blocks
from platforms.models import Language
from tests.notices.letters_at import Desk

SECRET = "informant says: do not tell them"


@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize("letter", ["general", "unlawful_immigration", "fraud"])
def test_every_letter_can_be_written(language: str, letter: str, desk: Desk) -> None:
    notice = desk.draft()
    notice.language, notice.letter = language, letter

    written = letters.compose(notice)

    assert "$" not in written.body
    assert notice.reference in written.subject
    for line in notice.lines.all():
        assert line.address in written.body
    assert written.body.count("Offers places in a small boat and names a price.") == 2


@pytest.mark.django_db
def test_every_ground_has_a_letter_in_every_language() -> None:
    wanted = set(Ground.objects.values_list("letter", flat=True))

    assert {language: wanted - set(versions.names(language, at=timezone.now())) for language in Language} == {
        language: set() for language in Language
    }


@pytest.mark.django_db
@pytest.mark.parametrize("language", [language for language in Language.values if language != "en"])
def test_words_exist_for_every_ground_and_english_key(language: str) -> None:
    english, words = wording.phrases("en"), wording.phrases(language)

    assert set(Ground.objects.values_list("slug", flat=True)) == set(words["ground"])
    assert set(words) - {"ground"} == set(english)
    for name in ("label", "severity", "kind"):
        assert set(words[name]) == set(english[name])


@pytest.mark.parametrize("language", Language.values)
def test_letters_of_every_language_name_the_same_things(language: str) -> None:
    def named(language: str) -> dict[tuple[str, str], set[str]]:
        return {
            (text.kind, text.letter): set(re.findall(r"\$(\w+)", text.subject + text.body))
            for text in wording.shipped()
            if text.language == language
        }

    assert len(named(language)) == 8
    assert named(language) == named("en")


def test_an_arabic_letter_runs_from_right_to_left(desk: Desk) -> None:
    notice = desk.draft(lines=1)
    notice.language = "ar"
    letter = letters.compose(notice)
    notice.subject, notice.body = letter.subject, letter.body

    with pikepdf.open(io.BytesIO(letters.pdf(notice))) as pdf:
        assert pdf.Root.Lang == "ar"
    directions = {line: way for block in blocks(letter.body) for line, way, _ in block.lines}
    assert directions[notice.lines.get().address] == "ltr"
    assert directions[wording.phrases("ar")["good_faith"]] == "rtl"


def test_letter_says_who_why_where_and_by_when(desk: Desk) -> None:
    notice = desk.draft(lines=1)
    item = notice.lines.get().item

    body = letters.compose(notice).body

    for part in (
        "Referral Centre\nReferral desk\ndesk@centre.example",
        "Border Security, Asylum and Immigration Act 2025, section 17",
        "Creating or publishing material that promotes an unlawful immigration service",
        "Your policy: Authenticity: platform manipulation, spam and scams [authenticity]\n"
        "   Where you publish it: https://help.x.com/en/rules-and-policies/authenticity\n",
        f"Exact address: {item.printed}\n",
        f"Our reference: {item.reference}\n",
        "within 48 hours of receiving this notice",
        "We believe in good faith",
        "preserve the items",
        "Severity: high",
    ):
        assert part in body
    assert "[.]" not in body
    assert "hxxp" not in body


def test_letter_holds_nothing_internal(desk: Desk) -> None:
    notice = desk.draft(lines=1)
    item = notice.lines.get().item
    item.note = item.title = item.source = SECRET
    item.save(update_fields=["note", "title", "source"])

    written = letters.compose(notice)

    assert SECRET not in written.body + written.subject
    assert "Crossings" not in written.body
    assert SECRET not in line_table(notice).decode()


def test_threat_to_life_names_its_lines(desk: Desk) -> None:
    notice = desk.draft(lines=3)
    Item.objects.filter(notice_lines__position=2).update(threat_to_life=True)

    body = letters.compose(notice).body

    assert "THREAT TO LIFE. We assess that the content in line 2 puts lives at risk." in body


def test_a_rationale_fills_in_nothing_and_runs_nothing(desk: Desk) -> None:
    notice = desk.draft(lines=1)
    item = notice.lines.get().item
    written = "$sender_email {{ notice }} <b>\r\n\r\n6. How to answer\x07\u202e"
    item.assessments.model.objects.create(
        item=item, category=item.category, ground=Ground.objects.get(slug="fraud_2006_2"), rationale=written,
        severity="low", protected_speech="none", assessed_by=desk.first,
    )  # fmt: skip

    body = letters.compose(notice).body

    assert "Reasons: $sender_email {{ notice }} <b>\n" in body
    assert [block.text for block in blocks(body) if block.heading].count("6. How to answer") == 1
    assert "\x07" not in body
    assert "\u202e" not in body


def test_persian_joiners_stay() -> None:
    word = "\u0645\u06cc\u200c\u0631\u0648\u0645"

    assert letters.plain(word) == word


def test_same_text_gives_the_same_pdf(desk: Desk) -> None:
    notice = desk.submitted(lines=3)

    first, second = letters.pdf(notice), letters.pdf(notice)

    assert hashlib.sha256(first).hexdigest() == notice.pdf_sha256
    assert first == second
    with pikepdf.open(io.BytesIO(first)) as document:
        assert document.Root.MarkInfo.Marked
        assert document.Root.Lang == "en"
        assert str(document.docinfo.Title) == notice.subject


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("https://x.com/a", "https://x.com/a"),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+44", "'+44"),
        ("-5.2", "-5.2"),
        ("-5+cmd", "'-5+cmd"),
        ("\uff1d1", "'\uff1d1"),
        ("\tx", "'\tx"),
    ],
)
def test_no_cell_runs(cell: str, kept: str) -> None:
    assert harmless(cell) == kept


def test_line_table_has_a_row_per_line(desk: Desk) -> None:
    notice = desk.draft(lines=2)

    rows = line_table(notice).decode("utf-8-sig").splitlines()

    assert rows[0].startswith("line,reference,address,kind,identifier,answer,")
    assert [row.split(",")[2] for row in rows[1:]] == [line.address for line in notice.lines.all()]


def test_a_line_of_the_pdf_stands_where_it_does_in_the_text() -> None:
    [block] = blocks("Line 1: post\n   Address: https://x.com/a\n- كتاب\n")

    assert block.lines == [
        ("Line 1: post", "ltr", ""), ("Address: https://x.com/a", "ltr", "inset"), ("- كتاب", "rtl", "item"),
    ]  # fmt: skip
