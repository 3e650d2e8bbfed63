from typing import ClassVar

from django.db import models

from casework.models.case import Casework
from casework.models.history import append_only
from casework.models.item import Category, Item
from platforms.models import Platform


class Description(models.Model):
    """What figures take an item to be, from `recorded_at` until its next description.

    Triggers (migration 0006) write one with every new item, and with every change of one of these columns, so that no
    code can forget it. Who changed what, and why, stands in the item's events.
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="descriptions")
    platform = models.ForeignKey(Platform, models.PROTECT, db_index=False, related_name="+")
    category = models.ForeignKey(Category, models.PROTECT, null=True, db_index=False, related_name="+")
    kind = models.CharField(max_length=20)
    language = models.CharField(max_length=10, blank=True)
    severity = models.CharField(max_length=10, blank=True)
    found_at = models.DateTimeField()
    confirm_hours = models.PositiveSmallIntegerField(help_text="Of its platform, as it stood then.")
    recorded_at = models.DateTimeField()

    objects = Casework.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["recorded_at", "pk"]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.item} from {self.recorded_at:%Y-%m-%d %H:%M}"
