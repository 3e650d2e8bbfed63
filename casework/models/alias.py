from collections.abc import Collection
from typing import ClassVar, Self

from django.db import connection, models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from casework.models.case import Casework
from casework.models.history import append_only
from casework.models.item import Item

# UNION drops what was met before, so that a circle of aliases ends.
FOLLOW = """
WITH RECURSIVE met (start, key) AS (
    SELECT start, start FROM unnest(%s::text[]) AS given (start)
    UNION
    SELECT met.start, step.key FROM met CROSS JOIN LATERAL (
        SELECT a.to_key AS key FROM casework_alias a WHERE a.from_key = met.key
            AND NOT EXISTS (SELECT FROM casework_aliaswithdrawal w WHERE w.alias_id = a.id)
        {backward}
    ) AS step
)
SELECT start, key FROM met WHERE start <> key
"""
BACKWARD = """
        UNION ALL
        SELECT a.from_key FROM casework_alias a WHERE a.to_key = met.key
            AND NOT EXISTS (SELECT FROM casework_aliaswithdrawal w WHERE w.alias_id = a.id)
"""


class AliasQuerySet(Casework):
    def in_force(self) -> Self:
        return self.filter(withdrawal__isnull=True)

    def leading_on(self, keys: Collection[str]) -> dict[str, set[str]]:
        """For each key, those that its aliases in force lead to, over any number of them."""
        return _follow(keys, FOLLOW.format(backward=""))

    def same_as(self, keys: Collection[str]) -> dict[str, set[str]]:
        """For each key, the others that name the same by aliases in force, in whichever direction."""
        return _follow(keys, FOLLOW.format(backward=BACKWARD))


def _follow(keys: Collection[str], statement: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {key: set() for key in keys}
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(keys)])
        for start, key in cursor.fetchall():
            found[start].add(key)
    return found


class Alias(models.Model):
    """Where a short link leads: two keys that name one thing. Keys themselves are never rewritten."""

    item = models.ForeignKey(
        Item, models.PROTECT, related_name="aliases", help_text="The short link that was followed."
    )
    from_key = models.CharField(max_length=64)
    to_key = models.CharField(max_length=64)
    to_address = models.TextField(help_text="The canonical address that it leads to.")
    evidence = models.TextField(help_text="How it was found out.")
    at = models.DateTimeField(help_text="When it was seen to lead there.")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=120)
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = AliasQuerySet.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-pk"]
        verbose_name_plural = "aliases"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(from_key=F("to_key")),
                name="%(app_label)s_%(class)s_leads_on",
                violation_error_message="A short link does not lead to itself.",
            ),
        ]
        indexes: ClassVar = [
            # casework.aliases.same_keys, from either end
            models.Index(fields=["from_key"], name="alias_from"),
            models.Index(fields=["to_key"], name="alias_to"),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.item} leads to {self.to_address}"


class AliasWithdrawal(models.Model):
    """An alias that turned out wrong holds no longer; both stay readable."""

    alias = models.OneToOneField(Alias, models.PROTECT, related_name="withdrawal")
    reason = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=120)

    objects = Casework.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-pk"]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"Withdrawn: {self.alias}"
