"""What the embedded run's mail sink was handed: so that a trial of this desk can read the letters that left."""

import email.policy
import io
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.roles import Permission

PER_PAGE = 50
HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "X-Notice")


@allow(Permission.SEE_CASEWORK)
@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(_names(), PER_PAGE).get_page(request.GET.get("page"))
    letters = [(name, _read(name, headers_only=True)) for name in page]
    return render(request, "notices/mail_list.html", {"page_obj": page, "letters": letters})


@allow(Permission.SEE_CASEWORK)
@require_safe
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    letter = _read(name)
    text = letter.get_body(("plain",))
    parts = [
        (number, part.get_filename() or "part", part.get_content_type())
        for number, part in _attachments(letter)
    ]
    context = {
        "name": name,
        "letter": letter,
        "headers": [(header, str(letter[header])) for header in HEADERS if letter[header]],
        "text": text.get_content() if text else "",
        "parts": parts,
        "notice": str(letter["X-Notice"] or ""),
        "crumbs": [("Mail sink", reverse("notices:mail_list"))],
    }
    return render(request, "notices/mail_detail.html", context)


@allow(Permission.SEE_CASEWORK)
@require_safe
def mail_attachment(request: HttpRequest, name: str, number: int) -> FileResponse:
    part = dict(_attachments(_read(name))).get(number)
    if part is None:
        raise Http404
    content = cast(bytes, part.get_payload(decode=True))
    return FileResponse(
        io.BytesIO(content),
        as_attachment=True,
        filename=part.get_filename() or f"part-{number}",
        content_type="application/octet-stream",
    )


def _names() -> list[str]:
    """Newest first; 404 when this site has no mail sink of its own."""
    if not settings.MAIL_FOLDER.is_dir():
        raise Http404("This site hands its mail to a real server.")
    return sorted((path.name for path in settings.MAIL_FOLDER.glob("*.eml")), reverse=True)


def _read(name: str, *, headers_only: bool = False) -> EmailMessage:
    if name not in _names():
        raise Http404
    content = Path(settings.MAIL_FOLDER, name).read_bytes()
    parser: Any = BytesParser(policy=email.policy.default)
    return cast(EmailMessage, parser.parsebytes(content, headersonly=headers_only))


def _attachments(letter: EmailMessage) -> list[tuple[int, Any]]:
    return list(enumerate(letter.iter_attachments(), start=1))
