"""What checkers send, and what administrators decide about them."""

from typing import Any

from rest_framework import serializers

from accounts.serializers import Input
from casework import findings, leasing
from casework.models import CaptureKind, Cause, Confidence, Verdict
from casework.models.checking import COUNTRY
from platforms.models import Platform

LONGEST_MARKER = 300
NUMBERS = 4_000  # of a fingerprint


class Sign(Input):
    """What every request of a checker says of itself."""

    version = serializers.CharField(max_length=40, help_text="Of the checker's program.")
    clock = serializers.DateTimeField(
        help_text="The time by the checker's clock, from which its skew is reckoned."
    )


class LeaseWanted(Sign):
    limit = serializers.IntegerField(
        min_value=1, max_value=leasing.MOST, help_text="How many jobs it can take now."
    )


class LeaseNamed(Input):
    job = serializers.UUIDField()
    attempt = serializers.IntegerField(min_value=1, max_value=32_767)


class LeasesNamed(Sign):
    leases = LeaseNamed(many=True, allow_empty=False, max_length=leasing.MOST)


class FingerprintSent(Input):
    """What a live page showed, as numbers of word groups."""

    salient = serializers.ListField(child=serializers.IntegerField(), max_length=NUMBERS)
    rest = serializers.ListField(child=serializers.IntegerField(), max_length=NUMBERS)
    length = serializers.IntegerField(min_value=0)


class CaptureSent(Input):
    """A file of the look, sent before (`blobs/`)."""

    kind = serializers.ChoiceField(choices=CaptureKind.choices)
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z")


class FindingSent(LeaseNamed):
    at = serializers.DateTimeField(help_text="When it looked, by its own clock.")
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    confidence = serializers.ChoiceField(choices=Confidence.choices)
    cause = serializers.ChoiceField(
        choices=Cause.choices, required=False, allow_null=True, help_text="Of what is gone."
    )
    marker = serializers.CharField(
        required=False, default="", allow_blank=True, help_text="What on the page showed it."
    )
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)
    status = serializers.IntegerField(required=False, default=0, min_value=0, max_value=999)
    final_url = serializers.CharField(required=False, default="", allow_blank=True)
    capture_sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z", required=False, default="", allow_blank=True)
    fingerprint = FingerprintSent(required=False, allow_null=True, default=None)
    captures = CaptureSent(many=True, required=False, default=list, max_length=len(CaptureKind.values))

    def validate_marker(self, marker: str) -> str:
        return marker[:LONGEST_MARKER]

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        return {**sent, "cause": sent.get("cause") or ""}


class FindingsSent(Sign):
    clock_source = serializers.ChoiceField(
        choices=["ntp", "free", "unknown"], required=False, default="unknown",
        help_text="What sets the checker's clock.",
    )  # fmt: skip
    clock_error_ms = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=2_147_483_647,
        help_text="What it may be wrong by, as the kernel says.",
    )  # fmt: skip
    findings = FindingSent(many=True, allow_empty=False, max_length=findings.MOST)


class NewVisitDecision(Input):
    platform = serializers.SlugRelatedField(slug_field="slug", queryset=Platform.objects.all())
    country = serializers.CharField(max_length=2, validators=[COUNTRY])
    logged_in = serializers.BooleanField(default=False)
    allowed = serializers.BooleanField()
    note_sha256 = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=64,
        help_text="To turn visits on: SHA-256 of the legal note that was read.",
    )  # fmt: skip


class NewChecker(Input):
    name = serializers.CharField(max_length=80)
    country = serializers.CharField(max_length=2, validators=[COUNTRY])
    logged_in = serializers.BooleanField(default=False)
