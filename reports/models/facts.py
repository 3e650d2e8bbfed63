"""What the figures of now are read from: rows made from the records, which can be made again at any time."""

from django.db import models


class EpisodeFact(models.Model):
    """One row of `episodes.sql` with all that is recorded, for each line of a notice that has left.

    It stands for every as-at and known-by from `latest_at` on: nothing about the item was recorded after it. Before
    `left_at` nothing had left that names the item. `within_…` are the answers of S05 once the window has elapsed;
    `packed` is the row with them, as `reports.packing` lays it out.
    """

    line_id = models.BigIntegerField(primary_key=True)
    item_id = models.BigIntegerField(db_index=True)
    notice_id = models.BigIntegerField()
    item = models.CharField(max_length=20)
    ref = models.CharField(max_length=200, null=True)
    platform_id = models.BigIntegerField()
    category_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=20)
    channel = models.CharField(max_length=10)
    severity = models.CharField(max_length=10, null=True)
    language = models.CharField(max_length=20, null=True)
    month = models.CharField(max_length=7)
    t0 = models.DateTimeField(db_index=True)
    t0_basis = models.CharField(max_length=10)
    exclusion = models.CharField(max_length=2, null=True)
    outcome = models.CharField(max_length=30, null=True)
    last_live_at = models.DateTimeField(null=True)
    first_gone_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    decided = models.BooleanField()
    decided_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    last_answer = models.CharField(max_length=30, null=True)
    first_removed_at = models.DateTimeField(null=True)
    first_removal_seen_at = models.DateTimeField(null=True)
    first_cause = models.CharField(max_length=12, null=True)
    taken_down_at = models.DateTimeField(null=True)
    reinstated_at = models.DateTimeField(null=True)
    copied_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    refusal_code = models.CharField(max_length=30, null=True)
    overturned_at = models.DateTimeField(null=True)
    measure = models.CharField(max_length=30, null=True)
    territories = models.TextField(null=True)
    delivered = models.BooleanField()
    found_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    feedback_at = models.DateTimeField(null=True)
    notice_decided_at = models.DateTimeField(null=True)
    invalid = models.BooleanField()
    said_error = models.BooleanField()
    observed_at = models.DateTimeField(null=True)
    restricted_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    within_1h = models.CharField(max_length=13, null=True)
    within_24h = models.CharField(max_length=13, null=True)
    within_48h = models.CharField(max_length=13, null=True)
    within_7d = models.CharField(max_length=13, null=True)
    within_28d = models.CharField(max_length=13, null=True)
    latest_at = models.DateTimeField(db_index=True)
    left_at = models.DateTimeField()
    packed = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.item} from {self.t0}"


class Word(models.Model):
    """A text that packed rows hold by its number."""

    id = models.AutoField(primary_key=True)
    text = models.TextField(unique=True)

    def __str__(self) -> str:
        return self.text


class StaleItem(models.Model):
    """An item about which something was recorded after its facts were made; triggers write it."""

    item_id = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return str(self.item_id)
