"""Who answers for a platform without an account: the holder of a link, or the platform's own program."""

from dataclasses import dataclass

from django.db.models import Q

from casework.events import Outsider
from notices.models import AnswerLink, AnswerSource, Dispute
from notices.models.notice import NoticeQuerySet
from platforms.models import Platform

LONGEST_NAME = 120


@dataclass(frozen=True)
class Correspondent(Outsider):
    """What they may answer: the notices of one platform, or a single one of them; and how their answers come in.

    With a single one that disputes answers go those that were answered.
    """

    source: AnswerSource
    platform_id: int
    notice_id: int | None = None

    def among(self, notices: NoticeQuerySet) -> NoticeQuerySet:
        """Those of the notices that are theirs, by the rule that holds for the platform's liaisons."""
        theirs = notices.reached(Platform.objects.filter(pk=self.platform_id))
        if self.notice_id is None:
            return theirs
        disputed = Dispute.objects.filter(line__notice=self.notice_id).values("answer__line__notice")
        return theirs.filter(Q(pk=self.notice_id) | Q(pk__in=disputed))


def holder(link: AnswerLink) -> Correspondent:
    """Whoever holds this link."""
    name = f"{link.notice.platform.name}, link for {link.addressee}"
    return Correspondent(
        name[:LONGEST_NAME], AnswerSource.LINK, link.notice.platform_id, notice_id=link.notice_id
    )
