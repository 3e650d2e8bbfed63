"""Answering by the spreadsheet that came with the notice: read it, look at what it says, then save."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework import store
from casework.events import Actor
from casework.spreadsheets import FileRefused
from casework.transitions import TransitionNotAllowed
from notices import answer_files
from notices.forms import AnswerFileForm
from notices.models import Notice
from notices.views.edges import NoticePage, notice_url, visible_notice

SALT = "notices.answer_file"
SHOWN = 500


class AnswerFilePage(NoticePage):
    """The table as it was filled in; who may open it is said where it is used."""

    form_class = AnswerFileForm
    template_name = "notices/answer_file.html"
    title = "Answer by spreadsheet"
    button = "Read the file"

    def given_by(self) -> Actor:
        """Whose answers these are."""
        return person(self.request)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        names = {"file": "answer_file", "file_save": "answer_file_save", "csv": "notice_lines_csv",
                 "xlsx": "notice_lines_xlsx"}  # fmt: skip
        pages = {key: reverse(f"notices:{name}", args=[self.notice.reference]) for key, name in names.items()}
        return super().get_context_data(**{"pages": pages, **more})

    def form_valid(self, form: Any) -> HttpResponse:
        """Show what the file says; nothing is saved yet, but the file is kept."""
        upload = form.cleaned_data["file"]
        content = upload.read()
        try:
            reading = answer_files.read(content, upload.name, self.notice, by=self.given_by())
        except FileRefused as refused:
            form.add_error("file", refused.message)
            return self.form_invalid(form)
        return self.render_to_response(
            self.get_context_data(
                form=form,
                reading=reading,
                filename=upload.name,
                errors=reading.errors[:SHOWN],
                filled=reading.filled[:SHOWN],
                kept=signing.dumps([self.notice.reference, store.put(content), upload.name], salt=SALT),
            ),
            status=HTTPStatus.OK,
        )


@allow(Permission.ANSWER_NOTICE, Permission.ANSWER_ON_BEHALF)
class AnswerFile(AnswerFilePage):
    """For whoever is signed in."""


@allow(Permission.ANSWER_NOTICE, Permission.ANSWER_ON_BEHALF)
@require_POST
def answer_file_save(request: HttpRequest, reference: str) -> HttpResponse:
    """Give the answers of a file that was looked at."""
    notice = visible_notice(request, reference)
    leave_out = request.POST.get("leave_out") == "yes"
    try:
        content, filename = kept_file(request.POST.get("kept", ""), notice)
        reading = answer_files.answer_by_file(
            notice, content, filename, by=person(request), leave_out=leave_out
        )
    except (ValidationError, TransitionNotAllowed) as refused:
        messages.error(request, " ".join(getattr(refused, "messages", [str(refused)])[:5]))
        return redirect(reverse("notices:answer_file", args=[reference]))
    count = len(reading.filled)
    messages.success(request, f"{count} line{' is' if count == 1 else 's are'} answered.")
    return redirect(notice_url(notice))


def kept_file(token: str, notice: Notice) -> tuple[bytes, str]:
    """The file that was shown; raises `ValidationError` for a token that is none of this notice."""
    try:
        reference, sha256, filename = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        reference = None
    if reference != notice.reference:
        raise ValidationError("This page no longer knows the file. Read it again.")
    return store.get(sha256), filename
