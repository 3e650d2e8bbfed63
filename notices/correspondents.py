"""Who answers for a platform without an account: the holder of a link, or the platform's own program."""

from dataclasses import dataclass

from casework.events import Outsider
from notices.models import AnswerLink, AnswerSource
from notices.models.notice import NoticeQuerySet
from platforms.models import Platform

LONGEST_NAME = 120


@dataclass(frozen=True)
class Correspondent(Outsider):
    """What they may answer: the notices of one platform, or a single one of them; and how their answers come in."""

    source: AnswerSource
    platform_id: int
    notice_id: int | None = None

    def among(self, notices: NoticeQuerySet) -> NoticeQuerySet:
        """Those of the notices that are theirs, by the rule that holds for the platform's liaisons."""
        theirs = notices.reached(Platform.objects.filter(pk=self.platform_id))
        return theirs if self.notice_id is None else theirs.filter(pk=self.notice_id)


def holder(link: AnswerLink) -> Correspondent:
    """Whoever holds this link."""
    name = f"{link.notice.platform.name}, link for {link.addressee}"
    return Correspondent(
        name[:LONGEST_NAME], AnswerSource.LINK, link.notice.platform_id, notice_id=link.notice_id
    )
