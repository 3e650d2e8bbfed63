from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.generic import DetailView

from accounts.guards import allow
from accounts.pages import Listing, person
from accounts.roles import Permission
from casework import store
from casework.models import Event
from casework.views.edges import told
from notices import clocks, contested, letters
from notices.completeness import problems
from notices.conversation import messages
from notices.filters import NoticeFilter
from notices.incoming.queues import SPEAKING
from notices.lifecycle import TALKING
from notices.line_table import XLSX, line_sheet, line_table
from notices.models import Chase, Dispatch, MailReading, Notice, NoticeKind, NoticeStatus
from notices.telling import UNREADY
from notices.views.buttons import buttons, takes_answers
from notices.views.edges import visible_notice
from notices.worklists import counts, worklists

# Where the letter itself is what the person came for.
TO_READ = frozenset({NoticeStatus.DRAFT, NoticeStatus.AWAITING_APPROVAL, NoticeStatus.APPROVED})
MANY = 30  # lines, beyond which a letter would bury what stands below it
READERS = (Permission.SEE_CASEWORK, Permission.ANSWER_NOTICE)


@allow(*READERS)
class NoticeList(Listing):
    """All notices that the person may see, or one work list (`?queue=`)."""

    model = Notice
    related = ("platform", "channel")
    filterset_class = NoticeFilter
    template_name = "notices/notice_list.html"

    def visible(self) -> QuerySet:
        answered = Count("lines", filter=~Q(lines__answer=""))
        rows = super().visible().annotate(line_count=Count("lines"), answered_count=answered)
        return rows.with_clock(timezone.now()).order_by("-pk")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        user, slug = person(self.request), self.request.GET.get("queue", "")
        return super().get_context_data(
            worklist=worklists(user).get(slug),
            tabs=_tabs(user, slug),
            may_draft=user.can(Permission.DRAFT_NOTICE),
            may_chase=user.can(Permission.SEE_CASEWORK),
            **more,
        )


def _tabs(user: Any, slug: str) -> list[tuple[str, str, int | None, bool]]:
    found, address = counts(user, timezone.now()), reverse("notices:notice_list")
    lists = [
        (each.title, f"{address}?queue={name}", found[name], name == slug)
        for name, each in worklists(user).items()
    ]
    return [("All", address, None, not slug), *lists]


@allow(*READERS)
class NoticeDetail(DetailView):
    template_name = "notices/notice_detail.html"
    slug_field = slug_url_kwarg = "reference"

    def get_queryset(self) -> QuerySet:
        return (
            Notice.objects.visible_to(person(self.request))
            .select_related(
                "platform",
                "channel",
                "drafted_by",
                "submitted_by",
                "approved_by",
                "follows",
                "letter_version__platform",
            )
            .prefetch_related(
                "acknowledgements",
                "delivery_records__by",
                "dispatches__channel",
                "dispatches__resolved_by",
                "dispatches__log",
            )
        )

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        notice, user = self.object, person(self.request)
        casework = user.can(Permission.SEE_CASEWORK)
        draft = notice.status == NoticeStatus.DRAFT
        rows = notice.lines.select_related("item__category", *contested.OF_DISPUTE)
        lines = contested.mark(rows.prefetch_related("answers"), user)
        return super().get_context_data(
            lines=lines,
            answered=sum(bool(line.answer) for line in lines),
            letter=letters.compose(notice) if draft else notice,
            missing=problems(notice) if draft else {},
            buttons=buttons(notice, user),
            casework=casework,
            may_edit=draft and user.can(Permission.DRAFT_NOTICE),
            may_answer=_may_answer(user),
            answerable=takes_answers(notice),
            conversation=messages(notice),
            mails=MailReading.objects.visible_to(user)
            .filter(notice=notice)
            .select_related("mail")
            .defer("mail__raw"),
            speaking=SPEAKING,
            reading=notice.status in TO_READ or (not casework and len(lines) <= MANY),
            crumbs=[("Notices", reverse("notices:notice_list"))],
            unresolved=_unresolved(notice, user),
            attempted=any(dispatch.log.all() for dispatch in notice.dispatches.all()),
            followed_by=notice.followed_by.all() if casework else [],
            to_telephone=user.can(Permission.SEND_NOTICE)
            and notice.status not in UNREADY
            and notice.to_telephone(),
            may_replay=notice.status in TALKING and user.can(Permission.SEND_NOTICE),
            timeline=told(Event.objects.visible_to(user).filter(notice=notice.reference)),
            clock=None if notice.kind == NoticeKind.CHASER else clocks.read(notice),
            chases=_chases(notice) if casework else [],
            chases_label="Reminds of" if notice.kind == NoticeKind.CHASER else "Chasers",
            **more,
        )


def _chases(notice: Notice) -> QuerySet:
    """Of a chaser the notices that it names, of any other the chasers about it."""
    by = "chaser" if notice.kind == NoticeKind.CHASER else "notice"
    return Chase.objects.filter(**{by: notice}).select_related("chaser", "notice")


def _may_answer(user: Any) -> bool:
    return user.can(Permission.ANSWER_NOTICE) or user.can(Permission.ANSWER_ON_BEHALF)


def _unresolved(notice: Notice, user: Any) -> QuerySet:
    """Deliveries that only a person can decide, for whoever may."""
    waiting = Dispatch.objects.visible_to(user).for_a_person().filter(notice=notice).select_related("channel")
    return waiting if user.can(Permission.SEND_NOTICE) else waiting.none()


@allow(*READERS)
@require_safe
def notice_letter(request: HttpRequest, reference: str) -> HttpResponse:
    """The frozen letter as PDF; a draft has none yet."""
    notice = visible_notice(request, reference)
    if not notice.pdf_sha256:
        raise Http404("A draft has no PDF yet.")
    return attached(store.get(notice.pdf_sha256), "application/pdf", f"{notice.reference}.pdf")


@allow(*READERS)
@require_safe
def notice_lines_csv(request: HttpRequest, reference: str) -> HttpResponse:
    """The lines as the platform gets them, to fill in."""
    notice = visible_notice(request, reference)
    return attached(line_table(notice), "text/csv; charset=utf-8", f"{notice.reference}.csv")


@allow(*READERS)
@require_safe
def notice_lines_xlsx(request: HttpRequest, reference: str) -> HttpResponse:
    """The same as a workbook, with lists to choose the answers from."""
    notice = visible_notice(request, reference)
    return attached(line_sheet(notice), XLSX, f"{notice.reference}.xlsx")


def attached(content: bytes, media_type: str, filename: str) -> HttpResponse:
    """A file to be saved, never shown in the browser's window."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
