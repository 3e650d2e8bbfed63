"""What a person makes of a message that came in."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.guards import allow
from accounts.pages import Crumbs, person
from accounts.roles import Permission
from casework.spreadsheets import FileRefused
from casework.transitions import TransitionNotAllowed
from casework.views.edges import EdgePage
from notices import answer_files
from notices.incoming import settling
from notices.mail_forms import AttachForm, MailAnswersForm, QuestionOfMailForm, ReceiptOfMailForm
from notices.models import Line, MailReading
from notices.views.answer_files import SHOWN
from notices.views.incoming import crumbs, lines_of, mail_url, visible_mail

SETTLING = {
    "set-aside": (settling.set_aside, "The mail is set aside. Nothing follows from it."),
    "take-up": (settling.take_up, "The mail is back among those to be read."),
    "detach": (settling.detach, "The mail no longer belongs to the notice."),
}


class MailPage(EdgePage):
    """A verb page about one message."""

    needs_notice = True

    @property
    def read(self) -> MailReading:
        return cast(MailReading, self.subject)

    def get_subject(self) -> MailReading:
        return visible_mail(self.request, self.kwargs["pk"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        read = self.get_subject()
        if read.settled_as or (self.needs_notice and read.notice is None):
            messages.error(request, settling.NO_NOTICE if not read.settled_as else "It is settled already.")
            return redirect(mail_url(read))
        return super().dispatch(request, *args, **kwargs)

    def back(self) -> str:
        return mail_url(self.read)

    def crumbs(self) -> Crumbs:
        return [*crumbs(), (str(self.read), self.back())]

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(read=self.read, **more)


@allow(Permission.ANSWER_ON_BEHALF)
class AttachMail(MailPage):
    form_class = AttachForm
    template_name = "notices/incoming_attach.html"
    title = "Attach to a notice"
    button = "Attach"
    needs_notice = False

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "person": person(self.request)}

    def get_initial(self) -> dict[str, Any]:
        return {"notice": self.read.hint.reference if self.read.hint else ""}

    def act(self, form: Any) -> str:
        notice = form.cleaned_data["notice"]
        settling.attach(self.read, notice, by=person(self.request))
        return f"The mail belongs to {notice} now."


@allow(Permission.ANSWER_ON_BEHALF)
class MailAnswers(MailPage):
    """The suggested reading, to confirm or to change."""

    form_class = MailAnswersForm
    template_name = "notices/incoming_answers.html"
    title = "Confirm the answers"
    button = "Record these answers"

    def get_form_kwargs(self) -> dict[str, Any]:
        self.letter = settling.letter_of(self.read)
        lines = Line.objects.filter(notice=self.read.notice).select_related("item", "notice")
        return {
            **super().get_form_kwargs(),
            "lines": list(lines.order_by("position")),
            "suggestion": settling.suggestion(self.read, self.letter),
        }

    def act(self, form: Any) -> str:
        made = settling.take_answers(self.read, form.given(), by=person(self.request))
        return f"{len(made)} line{' is' if len(made) == 1 else 's are'} answered."

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(own=lines_of(self.read.words), **more)


@allow(Permission.ANSWER_ON_BEHALF)
class MailReceipt(MailPage):
    form_class = ReceiptOfMailForm
    title = "It confirms receipt"
    button = "Record the receipt"
    done = "The receipt is recorded."

    def get_initial(self) -> dict[str, Any]:
        return {"platform_reference": self.read.platform_reference}

    def act(self, form: Any) -> None:
        settling.take_receipt(self.read, **form.cleaned_data, by=person(self.request))


@allow(Permission.ANSWER_ON_BEHALF)
class MailQuestion(MailPage):
    form_class = QuestionOfMailForm
    title = "It asks a question"
    button = "Record the question"
    done = "The question is recorded; the clock stands until our reply."

    def get_initial(self) -> dict[str, Any]:
        return {"reason": self.read.words[:5_000]}

    def act(self, form: Any) -> None:
        settling.take_question(self.read, **form.cleaned_data, by=person(self.request))


@allow(Permission.ANSWER_ON_BEHALF)
class MailFile(MailPage):
    """A table that came with the message: what it says, then save."""

    http_method_names = ("get", "head", "options", "post")
    template_name = "notices/incoming_file.html"
    title = "What the file says"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            part = settling.attachment(settling.letter_of(self.read), kwargs["number"])
            reading = answer_files.read(
                part.content,
                part.filename,
                self.read.notice,
                by=person(request),  # type: ignore[arg-type]
            )
        except (ValidationError, FileRefused) as refused:
            return self._refused(" ".join(getattr(refused, "messages", [str(refused)])))
        context = {
            "subject": self.read.notice,
            "read": self.read,
            "number": part.number,
            "filename": part.filename,
            "reading": reading,
            "errors": reading.errors[:SHOWN],
            "filled": reading.filled[:SHOWN],
            "cancel_url": self.back(),
            "crumbs": self.crumbs(),
        }
        return self.render_to_response(context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        leave_out = request.POST.get("leave_out") == "yes"
        try:
            taken = settling.take_file(self.read, kwargs["number"], by=person(request), leave_out=leave_out)
        except (ValidationError, FileRefused, TransitionNotAllowed) as refused:
            return self._refused(" ".join(getattr(refused, "messages", [str(refused)])[:5]))
        count = len(taken.filled)
        messages.success(request, f"{count} line{' is' if count == 1 else 's are'} answered.")
        return redirect(self.back())

    def _refused(self, why: str) -> HttpResponse:
        messages.error(self.request, why)
        return redirect(self.back())


@allow(Permission.ANSWER_ON_BEHALF)
@require_POST
def incoming_settle(request: HttpRequest, pk: int, how: str) -> HttpResponse:
    """Set a message aside, take it up again, or detach it."""
    read = visible_mail(request, pk)
    verb, done = SETTLING[how]
    try:
        verb(read, by=person(request))
        messages.success(request, done)
    except TransitionNotAllowed as refused:
        messages.error(request, refused.message)
    return redirect(mail_url(read))
