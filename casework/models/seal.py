from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from casework.models.history import append_only


class Seal(models.Model):
    """What a run of one history's rows was when it was sealed; each names the digest of the seal before it.

    `id` is its number in the one chain over all histories, without gaps. What is signed, and what the digests are
    taken over, is said in `casework.seals`.
    """

    id = models.BigIntegerField(primary_key=True)
    form = models.PositiveSmallIntegerField(default=1, help_text="By which rules the digests are made.")
    table = models.CharField(max_length=63)
    columns = models.JSONField(help_text="Which columns are covered, in order; later ones are not.")
    above = models.BigIntegerField(help_text="Rows with an id above this …")
    upto = models.BigIntegerField(help_text="… and up to this are covered.")
    rows = models.PositiveIntegerField()
    rows_sha256 = models.CharField(max_length=64)
    marks = models.BinaryField(help_text="Of each row its id and the beginning of its digest, to name it by.")
    previous = models.CharField(max_length=64, help_text="Digest of the seal before.")
    sealed_at = models.DateTimeField(default=timezone.now)
    key = models.CharField(max_length=44, help_text="The public key, Ed25519, in Base64.")
    signature = models.CharField(max_length=88)

    append_only = True

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(upto__gt=F("above")),
                name="%(app_label)s_%(class)s_range",
                violation_error_message="A seal covers at least one number.",
            )
        ]
        indexes: ClassVar = [
            # casework.sealing: where the last seal of a history ends
            models.Index(fields=["table", "upto"], name="seal_table"),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"seal {self.pk}"
