"""Mail that came in: the lists, one message, and its parts. Liaisons see none of it."""

import io
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.generic import DetailView

from accounts.guards import allow
from accounts.models import User
from accounts.pages import Crumbs, Listing, person
from accounts.roles import Permission
from casework.views.lifecycles import Button
from notices.answers import ANSWERABLE
from notices.incoming import parsing, queues, quoting, settling
from notices.incoming.parsing import Letter
from notices.models import MailKind, MailReading, MatchedBy, SettledAs

TABLES = (".csv", ".xlsx", ".ods")
HEADERS = ("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "Auto-Submitted",
           "Authentication-Results")  # fmt: skip
MADE_OF_IT = {
    "incoming_answers": "Confirm the answers",
    "incoming_receipt": "It confirms receipt",
    "incoming_question": "It asks a question",
}
LEADING = {MailKind.REPLY: "incoming_answers", MailKind.RECEIPT: "incoming_receipt"}
MOST_ATTACHED = 25 * 1024**2


@allow(Permission.SEE_CASEWORK)
class IncomingList(Listing):
    """One list of messages (`?queue=`)."""

    model = MailReading
    related = ("notice__platform", "hint", "mail")
    template_name = "notices/incoming_list.html"

    @property
    def slug(self) -> str:
        asked = self.request.GET.get("queue", queues.FIRST)
        return asked if asked in queues.QUEUES else queues.FIRST

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset().defer("mail__raw", "words", "notice__body", "hint__body")
        return rows.filter(queues.QUEUES[self.slug].condition).order_by("-mail_id")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        found, address = queues.counts(person(self.request)), reverse("notices:incoming_list")
        tabs = [
            (queue.title, f"{address}?queue={slug}", found[slug] if queue.to_do else None, slug == self.slug)
            for slug, queue in queues.QUEUES.items()
        ]
        return super().get_context_data(tabs=tabs, queue=queues.QUEUES[self.slug], **more)


@allow(Permission.SEE_CASEWORK)
class IncomingDetail(DetailView):
    """One message as plain text, and what can be made of it."""

    template_name = "notices/incoming_detail.html"

    def get_object(self, queryset: QuerySet | None = None) -> MailReading:
        return visible_mail(self.request, self.kwargs["pk"])

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        read, user = self.object, person(self.request)
        letter = settling.letter_of(read)
        sent = read.notice or read.hint
        own = quoting.own_words(letter.text, sent.body if sent else "")
        may_settle = user.can(Permission.ANSWER_ON_BEHALF)
        return super().get_context_data(
            read=read,
            speaking=queues.SPEAKING,
            mail=read.mail,
            own=lines_of(own),
            whole=lines_of(letter.text) if own.strip() != letter.text.strip() else [],
            headers=[(name, value) for name in HEADERS for value in _values(letter, name)],
            attachments=[(part, part.filename.lower().endswith(TABLES)) for part in letter.attachments],
            suggestion=settling.suggestion(read, letter),
            buttons=_buttons(read, user),
            may_settle=may_settle and not read.settled_as,
            may_take=may_settle and not read.settled_as and read.notice is not None,
            may_detach=may_settle and not read.settled_as and read.matched_by == MatchedBy.PERSON,
            may_take_up=may_settle and read.settled_as not in {"", SettledAs.ANSWERED},
            crumbs=crumbs(),
            **more,
        )


@allow(Permission.SEE_CASEWORK)
@require_safe
def incoming_raw(request: HttpRequest, pk: int) -> FileResponse:
    """The message as it came, byte for byte."""
    read = visible_mail(request, pk)
    return _download(bytes(read.mail.raw), f"mail-{read.mail_id}.eml")


@allow(Permission.SEE_CASEWORK)
@require_safe
def incoming_part(request: HttpRequest, pk: int, number: int) -> FileResponse:
    """An attachment, never to be opened in the page."""
    letter = settling.letter_of(visible_mail(request, pk))
    part = next((each for each in letter.attachments if each.number == number), None)
    if part is None or len(part.content) > MOST_ATTACHED:
        raise Http404
    return _download(part.content, part.filename)


def visible_mail(request: HttpRequest, pk: int) -> MailReading:
    """What the message was read to be, or 404 when there is none that this person may see."""
    rows = MailReading.objects.visible_to(person(request))
    found: MailReading = get_object_or_404(
        rows.select_related("mail", "notice__platform", "notice__channel", "hint", "settled_by"), mail_id=pk
    )
    return found


def mail_url(read: MailReading) -> str:
    return reverse("notices:incoming_detail", args=[read.mail_id])


def crumbs() -> Crumbs:
    return [("Mail that came in", reverse("notices:incoming_list"))]


def lines_of(text: str) -> list[str]:
    """For a page that shows each line by itself, so that none can turn the next one round."""
    return text.expandtabs(4).strip("\n").split("\n") if text.strip() else []


def _values(letter: Letter, name: str) -> list[str]:
    values = letter.raw(name)
    if len(values) == 1:
        return [letter.header(name)]
    return [" ".join(parsing.clean(value).split())[:1_000] for value in values[:10]]


def _buttons(read: MailReading, user: User) -> list[Button]:
    """What leads on comes first; what a program wrote is hardly an answer."""
    if not user.can(Permission.ANSWER_ON_BEHALF) or read.settled_as:
        return []
    if read.notice is None:
        return [("Attach to a notice", reverse("notices:incoming_attach", args=[read.mail_id]), "")]
    if read.notice.status not in ANSWERABLE:
        return []
    leading = LEADING.get(MailKind(read.kind), "")
    found = [
        (label, reverse(f"notices:{name}", args=[read.mail_id]), "" if name == leading else "secondary")
        for name, label in MADE_OF_IT.items()
    ]
    return sorted(found, key=lambda button: bool(button[2]))


def _download(content: bytes, filename: str) -> FileResponse:
    response = FileResponse(
        io.BytesIO(content), content_type="application/octet-stream", as_attachment=True, filename=filename
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
