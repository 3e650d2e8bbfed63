"""A link to one notice: what its holder can do, and that it opens nothing else."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from casework.models import Event
from casework.transitions import TransitionNotAllowed
from notices import answers, dispatch, links
from notices.models import Answer, AnswerLink, LinkOpening, Notice
from platforms.models import ChannelKind
from tests.notices.answered import everything
from tests.notices.letters_at import Desk, ago
from tests.notices.mail_server import MailServer, Script
from tests.notices.test_answer_files import as_csv, filled

PAGES = ("link", *(f"link_{name}" for name in ("answer", "acknowledge", "ask", "object", "file")))
FILES = ("link_letter", "link_csv", "link_xlsx")
ACTS = (*PAGES[1:], "link_file_save")


@pytest.fixture
def notice(desk: Desk) -> Notice:
    return desk.sent(lines=3, at=ago(hours=30))


@pytest.fixture
def link(notice: Notice, desk: Desk) -> AnswerLink:
    made, _ = links.make(notice, addressee="legal@x.example", by=desk.first)
    return made


@pytest.fixture
def holder() -> Client:
    return Client(enforce_csrf_checks=True)


def page(name: str, link: AnswerLink) -> str:
    return reverse(f"notices:{name}", args=[links.secret_of(link)])


def send(holder: Client, name: str, link: AnswerLink, **fields: Any) -> Any:
    """Send a form of the link as its page holds it."""
    return holder.post(page(name, link), {"csrfmiddlewaretoken": links.form_key(link), **fields})


# -- Making one -----------------------------------------------------------------------------------


def test_the_secret_is_nowhere_in_the_database(notice: Notice, desk: Desk) -> None:
    made, address = links.make(notice, addressee="legal@x.example", by=desk.first)
    secret = address.rstrip("/").rpartition("/")[2]

    assert (len(secret), links.find(secret)) == (43, made)
    with connection.cursor() as cursor:
        cursor.execute("SELECT l::text FROM notices_answerlink l")
        rows = cursor.fetchall()
        cursor.execute("SELECT e::text FROM casework_event e")
        rows += cursor.fetchall()
    assert [row for (row,) in rows if secret in row] == []


def test_two_links_of_one_notice_differ(link: AnswerLink, notice: Notice, desk: Desk) -> None:
    other, _ = links.make(notice, addressee="legal@x.example", by=desk.first)

    assert links.secret_of(other) != links.secret_of(link)


def test_only_the_desk_makes_and_ends_links(link: AnswerLink, notice: Notice, desk: Desk) -> None:
    with pytest.raises(PermissionDenied):
        links.make(notice, addressee="me", by=desk.liaison)
    with pytest.raises(PermissionDenied):
        links.revoke(link, by=desk.liaison)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"days": 0}, "days"),
        ({"days": 91}, "days"),
        ({"addressee": " "}, "addressee"),
        ({"addressee": "a" * 91}, "addressee"),
    ],
)
def test_what_a_link_cannot_be(fields: dict[str, Any], named: str, notice: Notice, desk: Desk) -> None:
    with pytest.raises(ValidationError) as refused:
        links.make(notice, **{"addressee": "legal", **fields}, by=desk.first)

    assert list(refused.value.message_dict) == [named]


def test_no_link_before_the_notice_has_left(desk: Desk) -> None:
    with pytest.raises(TransitionNotAllowed, match="takes no answer now"):
        links.make(desk.approved(lines=1), addressee="legal", by=desk.first)


def test_the_desk_makes_a_link_sees_its_openings_and_ends_it(
    notice: Notice, desk: Desk, signed_in: Callable[[User], Client], holder: Client
) -> None:
    client = signed_in(desk.first)
    address = reverse("notices:notice_links", args=[notice.reference])
    text = client.post(address, {"addressee": "duty desk", "days": "3"}).content.decode()
    [shown] = set(re.findall(r"http://[^\s\"<]+/link/[\w-]+/", text))
    path = "/link/" + shown.partition("/link/")[2]

    assert "Saved." not in client.get(address).content.decode()  # the page itself has said what was done
    assert holder.get(path, REMOTE_ADDR="203.0.113.9").status_code == 200
    assert shown not in (listed := client.get(address).content.decode())
    assert "203.0.113.9" in listed
    client.post(reverse("notices:link_revoke", args=[AnswerLink.objects.get().pk]))
    assert holder.get(path).status_code == 404
    kinds = Event.objects.filter(kind__startswith="notice.link").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["notice.link_made", "notice.link_revoked"]


# -- Answering ------------------------------------------------------------------------------------


def test_the_holder_answers_lines(link: AnswerLink, notice: Notice, holder: Client) -> None:
    response = send(holder, "link_answer", link, selected=["1", "3"], answer="removed", note="Done")

    assert (response.status_code, response.url) == (302, page("link", link))
    assert list(
        Answer.objects.order_by("pk").values_list("line__position", "answer", "source", "by", "by_name")
    ) == [
        (1, "removed", "link", None, "X, link for legal@x.example"),
        (3, "removed", "link", None, "X, link for legal@x.example"),
    ]
    event = Event.objects.filter(kind="notice.line_answered").first()
    assert (event.actor, event.actor_name) == (None, "X, link for legal@x.example")
    notice.refresh_from_db()
    assert notice.status == "part_answered"
    assert "2 lines are answered: Removed." in holder.get(page("link", link)).content.decode()


def test_the_holder_acknowledges_asks_and_objects(link: AnswerLink, notice: Notice, holder: Client) -> None:
    send(holder, "link_acknowledge", link, platform_reference="P-1")
    send(holder, "link_object", link, reason="Line 2 is satire.")
    send(holder, "link_ask", link, reason="Which account is meant?")

    notice.refresh_from_db()
    assert (notice.status, notice.platform_reference) == ("clarification", "P-1")
    text = holder.get(page("link", link)).content.decode()
    assert "Line 2 is satire." in text
    assert "Which account is meant?" in text
    named = Event.objects.filter(
        notice=notice.reference, actor=None, actor_name="X, link for legal@x.example"
    )
    assert list(named.order_by("pk").values_list("kind", flat=True)) == [
        "notice.acknowledged", "notice.objected", "notice.clarification_asked",
    ]  # fmt: skip


def test_the_holder_answers_by_spreadsheet(link: AnswerLink, notice: Notice, holder: Client) -> None:
    content = as_csv(filled(notice, l1={"answer": "removed"}, l2={"answer": "refused"}))
    read = send(holder, "link_file", link, file=SimpleUploadedFile("back.csv", content))
    text = read.content.decode()
    kept = re.search(r'name="kept" value="([^"]+)"', text)

    assert read.status_code == 200
    assert "Give the reason of the refusal" in text
    assert Answer.objects.count() == 0
    saved = send(holder, "link_file_save", link, kept=kept[1] if kept else "", leave_out="yes")
    assert saved.url == page("link", link)
    assert list(Answer.objects.values_list("line__position", "answer", "source")) == [(1, "removed", "link")]


def test_the_same_rules_hold_as_for_a_liaison(link: AnswerLink, holder: Client) -> None:
    response = send(holder, "link_answer", link, selected=["1"], answer="refused")

    assert response.status_code == 422
    assert "Say why it is refused." in response.content.decode()
    assert Answer.objects.count() == 0


def test_a_form_that_comes_too_late_says_so(
    link: AnswerLink, notice: Notice, holder: Client, desk: Desk
) -> None:
    answers.acknowledge(notice, by=desk.liaison)
    response = send(holder, "link_acknowledge", link)

    assert response.url == page("link", link)
    assert "cannot be acknowledged now" in holder.get(response.url).content.decode()


@pytest.mark.parametrize("name", FILES)
def test_files_come_as_they_are_on_the_liaisons_page(
    name: str,
    link: AnswerLink,
    notice: Notice,
    holder: Client,
    desk: Desk,
    signed_in: Callable[[User], Client],
) -> None:
    theirs = {
        "link_letter": "notice_letter",
        "link_csv": "notice_lines_csv",
        "link_xlsx": "notice_lines_xlsx",
    }

    got = holder.get(page(name, link))
    as_liaison = signed_in(desk.liaison).get(reverse(f"notices:{theirs[name]}", args=[notice.reference]))

    assert got.content == as_liaison.content
    assert got["Content-Disposition"].startswith("attachment")


# -- Reading changes nothing ----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_opens_every_page_changes_nothing(
    method: str, link: AnswerLink, notice: Notice, holder: Client
) -> None:
    before = everything()

    statuses = {name: getattr(holder, method)(page(name, link)).status_code for name in (*PAGES, *FILES)}

    assert statuses == dict.fromkeys((*PAGES, *FILES), 200)
    assert everything() == before
    assert holder.get(page("link_file_save", link)).status_code == 405
    assert holder.post(page("link", link), {"csrfmiddlewaretoken": links.form_key(link)}).status_code == 405


@pytest.mark.parametrize("name", ACTS)
def test_a_form_from_elsewhere_does_nothing(
    name: str, link: AnswerLink, notice: Notice, desk: Desk, holder: Client
) -> None:
    other, _ = links.make(notice, addressee="somebody else", by=desk.first)
    before = everything()
    sent = {"selected": ["1"], "answer": "removed", "reason": "Why?"}

    for key in ({}, {"csrfmiddlewaretoken": links.form_key(other)}, {"csrfmiddlewaretoken": "é"}):
        response = holder.post(page(name, link), {**sent, **key})
        assert (response.status_code, "Nothing was saved" in response.content.decode()) == (403, True)
    assert everything() == before


def test_pages_are_for_no_search_engine_and_no_other_site(link: AnswerLink, holder: Client) -> None:
    for response in (holder.get(page("link", link)), holder.get("/link/nothing/")):
        assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["Cache-Control"] == "private, no-store"
        assert '<meta name="robots" content="noindex, nofollow">' in response.content.decode()
        assert response.cookies == {}


# -- It opens nothing else ------------------------------------------------------------------------


def test_whatever_does_not_open_looks_the_same(
    link: AnswerLink, notice: Notice, desk: Desk, holder: Client
) -> None:
    made = {name: links.make(notice, addressee=name, by=desk.first)[0] for name in ("ended", "over")}
    links.revoke(made["ended"], by=desk.first)
    AnswerLinkAt(made["over"]).is_past()
    withdrawn, _ = links.make(other := desk.sent(lines=1), addressee="withdrawn", by=desk.first)
    answers.withdraw(other, reason="An error", by=desk.second)
    secrets = [*map(links.secret_of, (*made.values(), withdrawn)), links.secret_of(link)[:-1], "x", "é" * 300]

    asked = [("get", name) for name in (*PAGES, *FILES)] + [("post", name) for name in ACTS]
    for method, name in asked:
        pages = [getattr(holder, method)(reverse(f"notices:{name}", args=[secret])) for secret in secrets]
        assert {(each.status_code, each.content) for each in pages} == {(404, pages[0].content)}, name
    assert LinkOpening.objects.count() == 0


class AnswerLinkAt:
    """A link whose time is over: the web role may not move it, so its owner does."""

    def __init__(self, link: AnswerLink) -> None:
        self.link = link

    def is_past(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            then = timezone.now() - timedelta(days=20)
            AnswerLink.objects.filter(pk=self.link.pk).update(
                created_at=then, expires_at=then + timedelta(days=14)
            )
            cursor.execute("SET ROLE takedown_web")


def test_a_link_reaches_no_line_of_another_notice(
    link: AnswerLink, notice: Notice, desk: Desk, holder: Client
) -> None:
    same, foreign = desk.sent(lines=5), desk.sent(platform="facebook", lines=5)
    response = send(holder, "link_answer", link, selected=["4", "5"], answer="removed")

    assert response.status_code == 422  # this notice has three lines
    assert Answer.objects.count() == 0
    table = as_csv(filled(same, l1={"answer": "removed"}))
    read = send(holder, "link_file", link, file=SimpleUploadedFile("other.csv", table)).content.decode()
    assert "cells seem to have been moved" in read
    for other in (same, foreign):
        assert other.reference not in holder.get(page("link", link)).content.decode()
        for name in ("notice_detail", "notice_answer", "notice_letter", "notice_lines_csv", "answer_file"):
            answer = holder.get(reverse(f"notices:{name}", args=[other.reference]))
            assert (answer.status_code, answer.url[:9]) == (302, "/sign-in/")


def test_no_identifier_put_in_the_place_of_a_secret_opens_anything(
    link: AnswerLink, notice: Notice, desk: Desk, holder: Client
) -> None:
    same, foreign = desk.sent(lines=2), desk.sent(platform="facebook", lines=2)
    other, _ = links.make(foreign, addressee="elsewhere", by=desk.first)
    letters = (notice, same, foreign)
    known = [
        *(value for each in letters for value in (each.reference, str(each.pk), each.body_sha256)),
        *(line.item.reference for each in (same, foreign) for line in each.lines.all()),
        *(value for each in (link, other) for value in (each.salt, each.digest, str(each.pk), links.form_key(each))),
        desk.first.email, "facebook",
    ]  # fmt: skip

    opened = [
        (name, value)
        for value in known
        if value
        for name in (*PAGES, *FILES)
        if holder.get(reverse(f"notices:{name}", args=[value])).status_code != 404
    ]

    assert opened == []


def test_a_file_that_was_read_by_one_link_is_not_saved_by_another(
    link: AnswerLink, notice: Notice, desk: Desk, holder: Client
) -> None:
    other, _ = links.make(desk.sent(lines=3), addressee="elsewhere", by=desk.first)
    content = as_csv(filled(notice, l1={"answer": "removed"}))
    text = send(holder, "link_file", link, file=SimpleUploadedFile("a.csv", content)).content.decode()
    kept = re.search(r'name="kept" value="([^"]+)"', text)

    send(holder, "link_file_save", other, kept=kept[1] if kept else "")

    assert Answer.objects.count() == 0


def test_nothing_of_our_own_work_is_on_its_page(desk: Desk, holder: Client) -> None:
    notice = desk.sent(lines=1, at=ago(hours=3))
    answers.answer_line(
        notice.lines.get(), answer="removed", source="portal", by=desk.first, note="Their duty desk said so."
    )
    made, _ = links.make(notice, addressee="legal", by=desk.first)

    text = holder.get(page("link", made)).content.decode()

    assert [
        word
        for word in (desk.first.name, desk.first.email, desk.second.name, "OP-1", "duty desk said")
        if word in text
    ] == []


# -- Openings -------------------------------------------------------------------------------------


def test_every_opening_is_kept(link: AnswerLink, holder: Client) -> None:
    holder.get(page("link", link), REMOTE_ADDR="203.0.113.9")
    holder.get(page("link_letter", link), REMOTE_ADDR="2001:db8::1")
    send(holder, "link_acknowledge", link)
    holder.get(page("link", link), REMOTE_ADDR="")

    assert list(LinkOpening.objects.order_by("pk").values_list("page", "sent", "address")) == [
        ("link", False, "203.0.113.9"),
        ("link_letter", False, "2001:db8::1"),
        ("link_acknowledge", True, "127.0.0.1"),
        ("link", False, None),
    ]


def test_behind_a_proxy_its_word_counts_and_no_other(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    said = {"HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9", "REMOTE_ADDR": "10.0.0.1"}

    assert links.network_address(said) == "203.0.113.9"
    settings.SECURE_PROXY_SSL_HEADER = None
    assert links.network_address(said) == "10.0.0.1"


def test_a_link_that_is_used_too_often_rests_for_an_hour(
    link: AnswerLink, holder: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MOST_AN_HOUR", 3)
    got = [holder.get(page("link", link)) for _ in range(5)]

    assert [each.status_code for each in got] == [200, 200, 200, 429, 429]
    assert got[-1]["Retry-After"] == "3600"
    assert LinkOpening.objects.count() == 3
    assert not links.is_busy(link, at=timezone.now() + timedelta(hours=2))


# -- In the letter --------------------------------------------------------------------------------


def test_the_letter_carries_the_same_link_on_every_attempt(
    desk: Desk, mail_server: MailServer, script: Script, holder: Client
) -> None:
    notice = desk.approved(lines=1, kind=ChannelKind.MAIL)
    dispatch.queue(notice, by=desk.first, with_link=True)
    link = AnswerLink.objects.get()
    script.replies["DOT"] = "451 Come back"
    assert dispatch.send_due() == 0
    assert links.find(links.secret_of(link)) is None  # nothing has left yet
    script.replies.clear()

    assert dispatch.send_due(timezone.now() + timedelta(minutes=2)) == 1

    text = script.texts[0]
    assert text.startswith(notice.body)
    assert text.removeprefix(notice.body).split() == [
        *["To", "answer", "without", "an", "account,", "until"],
        *f"{timezone.localtime(link.expires_at):%-d %B %Y},".split(), "open:", links.address_of(link),
    ]  # fmt: skip
    assert holder.get(page("link", link)).status_code == 200
    assert (link.addressee, link.in_letter) == ("legal@platform.example", True)


def test_a_letter_that_leaves_anew_ends_the_link_of_the_one_before(desk: Desk) -> None:
    notice = desk.approved(lines=1, kind=ChannelKind.MAIL)
    dispatch.queue(notice, by=desk.first, with_link=True)
    dispatch.send_due()
    notice.refresh_from_db()
    dispatch.delivery_failed(notice, reason="550 no such mailbox", by=desk.first)
    [first] = AnswerLink.objects.all()

    dispatch.queue(notice, by=desk.first)
    dispatch.send_due()

    assert links.find(links.secret_of(first)) is None
    assert links.in_letter(notice) is None


def test_only_mail_carries_a_link(desk: Desk) -> None:
    with pytest.raises(ValidationError) as refused:
        dispatch.queue(desk.approved(lines=1, kind=ChannelKind.PORTAL), by=desk.first, with_link=True)

    assert refused.value.message_dict == {"with_link": ["Only a letter by mail can carry a link."]}
