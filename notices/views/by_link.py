"""The pages of a link: one notice, read and answered without an account.

Whoever holds the address may do what it allows, so nothing here asks for a sign-in, and nothing leads elsewhere. A
reading changes nothing; every act is a form that carries the link's own key.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView, View

from casework import store
from casework.transitions import TransitionNotAllowed
from casework.views.edges import EdgePage
from notices import answer_files, answers, contested, conversation, links
from notices.correspondents import Correspondent, holder
from notices.forms import AcknowledgeForm, MessageForm
from notices.line_table import XLSX, line_sheet, line_table
from notices.models import AnswerLink, Line, Notice, NoticeStatus
from notices.views.answer_files import AnswerFilePage, kept_file
from notices.views.answers import AnswerPage
from notices.views.buttons import takes_answers
from notices.views.notices import attached

FRAME = "notices/link_frame.html"
KEY = "csrfmiddlewaretoken"  # the field's name in every form of ours
GONE = (
    "This link does not open anything",
    "It may be incomplete, have run out, or have been ended. Ask whoever sent it to you for a new one.",
)
BUSY = (
    "This link is used too often",
    "Wait an hour, and open it again. Nothing that was sent before is lost.",
)
NOT_OURS = ("Nothing was saved", "The form was not sent from this page. Open your link again, and repeat it.")


def unlisted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For no search engine and no other site to know of; what is not there is the same page whatever the reason."""

    @login_not_required
    @csrf_exempt  # `ByLink` asks for the link's own key instead: no referrer is sent, and no cookie needed
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = closed(request, GONE, HTTPStatus.NOT_FOUND)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "private, no-store"
        return response

    return shown


def closed(request: HttpRequest, said: tuple[str, str], status: HTTPStatus) -> HttpResponse:
    """A page without a way on: what is the matter, and what to do."""
    heading, text = said
    context = {"frame": FRAME, "heading": heading, "text": text}
    return render(request, "notices/link_closed.html", context, status=status)


def route(request: HttpRequest) -> str:
    """The name of the page."""
    return str(request.resolver_match.url_name) if request.resolver_match else ""


@method_decorator(unlisted, name="dispatch")
class ByLink(View):
    """Finds the link, keeps that it was used, and lets no form act that is not its own."""

    http_method_names = ("get", "head", "post")
    link: AnswerLink

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if str(request.method).lower() not in self.http_method_names:
            return self.http_method_not_allowed(request)
        found = links.find(kwargs["token"])
        if found is None:
            raise Http404
        self.link = found
        if links.is_busy(found):
            response = closed(request, BUSY, HTTPStatus.TOO_MANY_REQUESTS)
            response["Retry-After"] = str(int(links.HOUR.total_seconds()))
            return response
        links.note_opening(
            found, page=route(request), sent=request.method == "POST",
            address=links.network_address(request.META),
        )  # fmt: skip
        if request.method == "POST" and not self.is_ours(request):
            return closed(request, NOT_OURS, HTTPStatus.FORBIDDEN)
        return super().dispatch(request, *args, **kwargs)

    def is_ours(self, request: HttpRequest) -> bool:
        return constant_time_compare(request.POST.get(KEY, ""), links.form_key(self.link))

    @property
    def notice(self) -> Notice:
        return self.link.notice

    @property
    def by(self) -> Correspondent:
        return holder(self.link)

    def page(self, name: str) -> str:
        """The address of one of the link's pages."""
        return reverse(f"notices:{name}", args=[self.kwargs["token"]])

    def shared(self) -> dict[str, Any]:
        """What every page of a link shows; `csrf_token` is what the forms' hidden field carries."""
        names = ("answer", "acknowledge", "ask", "object", "file", "file_save", "letter", "csv", "xlsx")
        return {
            "frame": FRAME,
            "csrf_token": links.form_key(self.link),
            "link": self.link,
            "pages": {name: self.page(f"link_{name}") for name in names},
            "crumbs": [(self.notice.reference, self.page("link"))],
        }


class LinkPage(ByLink, TemplateView):
    """The notice: its letter, its lines, what was answered, and what can be done."""

    http_method_names = ("get", "head")
    template_name = "notices/link.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        notice = self.notice
        return super().get_context_data(
            **self.shared(),
            notice=notice,
            lines=notice.lines.select_related("item", *contested.OF_DISPUTE).prefetch_related("answers"),
            conversation=conversation.messages(notice),
            answerable=takes_answers(notice),
            may_acknowledge=notice.status == NoticeStatus.SENT,
            may_ask=notice.status in {NoticeStatus.SENT, NoticeStatus.ACKNOWLEDGED},
            stopped=notice.status == NoticeStatus.CLARIFICATION,
            **more,
        )


class LinkForm(ByLink, EdgePage):
    """A form that ends in one verb, and goes back to the notice."""

    template_name = "notices/link_verb.html"
    lead = ""

    def get_subject(self) -> Notice:
        return self.notice

    def back(self) -> str:
        return self.page("link")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(**{**self.shared(), "lead": self.lead, **more})


class LinkAcknowledge(LinkForm):
    form_class = AcknowledgeForm
    title = "Acknowledge"
    button = "Acknowledge"
    done = "The notice is acknowledged."

    def act(self, form: Any) -> None:
        answers.acknowledge(self.notice, **form.cleaned_data, by=self.by)


class LinkAsk(LinkForm):
    form_class = MessageForm
    title = "Ask a question"
    button = "Send the question"
    done = "Your question is sent; the clock stands until the reply. The reply appears on this page."

    def act(self, form: Any) -> None:
        answers.clarify(self.notice, **form.cleaned_data, by=self.by)


class LinkObject(LinkForm):
    form_class = MessageForm
    title = "Object to the notice"
    button = "Send the objection"
    done = "Your objection is recorded."
    lead = "To refuse a single line, answer it with “Refused” and the reason instead."

    def act(self, form: Any) -> None:
        answers.object_to(self.notice, **form.cleaned_data, by=self.by)


class LinkAnswer(LinkForm, AnswerPage):
    """The page on which a liaison answers, for the lines of this notice."""

    template_name = "notices/notice_answer.html"
    on_behalf = False

    def lines(self) -> Any:
        return Line.objects.filter(notice=self.notice).select_related("item", *contested.OF_DISPUTE)

    def marked(self, lines: Any) -> Any:
        return lines  # a dispute has a letter of its own, and that a link of its own

    def given_by(self) -> Correspondent:
        return self.by


class LinkFile(LinkForm, AnswerFilePage):
    """The page on which a liaison answers by spreadsheet."""

    template_name = "notices/answer_file.html"

    def given_by(self) -> Correspondent:
        return self.by


class LinkFileSave(ByLink):
    http_method_names = ("post",)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Give the answers of a file that was looked at."""
        try:
            content, filename = kept_file(request.POST.get("kept", ""), self.notice)
            reading = answer_files.answer_by_file(
                self.notice, content, filename, by=self.by, leave_out=request.POST.get("leave_out") == "yes"
            )
        except (ValidationError, TransitionNotAllowed) as refused:
            messages.error(request, " ".join(getattr(refused, "messages", [str(refused)])[:5]))
            return HttpResponseRedirect(self.page("link_file"))
        count = len(reading.filled)
        messages.success(request, f"{count} line{' is' if count == 1 else 's are'} answered.")
        return HttpResponseRedirect(self.page("link"))


class LinkDownload(ByLink):
    """One of the notice's files, by the name of the route."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return cast(HttpResponse, FILES[route(request)](self.notice))


def _letter(notice: Notice) -> HttpResponse:
    if not notice.pdf_sha256:
        raise Http404
    return attached(store.get(notice.pdf_sha256), "application/pdf", f"{notice.reference}.pdf")


def _csv(notice: Notice) -> HttpResponse:
    return attached(line_table(notice), "text/csv; charset=utf-8", f"{notice.reference}.csv")


def _xlsx(notice: Notice) -> HttpResponse:
    return attached(line_sheet(notice), XLSX, f"{notice.reference}.xlsx")


FILES: dict[str, Callable[[Notice], HttpResponse]] = {
    "link_letter": _letter,
    "link_csv": _csv,
    "link_xlsx": _xlsx,
}
