from typing import ClassVar, Self

from django.db import models
from django.db.models import F

from accounts.models import User
from casework import disputes
from casework.models import Check, Evidence, Item
from notices.models.answer import Answer
from notices.models.notice import Line, Notice, NoticeStatus


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def visible_to(self, user: User) -> Self:
        """A liaison sees those whose letter has reached a platform of theirs: what has not left is not shared."""
        return self.filter(line__notice__in=Notice.objects.visible_to(user))

    def kept(self) -> Self:
        return self.exclude(line__notice__status=NoticeStatus.DISCARDED)

    def standing(self) -> Self:
        """Those whose answer is the last one, and with which our looks do not agree even now."""
        apart = disputes.said_removed(Item.objects.all()) | disputes.said_kept(Item.objects.all())
        last = self.kept().filter(answer__at=F("answer__line__answered_at"))
        return last.filter(line__item__in=apart.values("pk"))


class Dispute(models.Model):
    """What one line of a dispute or an enquiry rests on: the platform's answer, and our look that does not agree."""

    line = models.OneToOneField(Line, models.CASCADE, related_name="dispute")
    answer = models.ForeignKey(Answer, models.PROTECT, related_name="disputed_by")
    look = models.ForeignKey(Check, models.PROTECT, related_name="+")
    exhibit = models.ForeignKey(
        Evidence,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The capture whose SHA-256 the platform is told, where that was chosen.",
    )

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["line"]

    def __str__(self) -> str:
        return f"{self.line} disputes {self.answer}"
