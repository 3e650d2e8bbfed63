"""How jobs read to a checker, and checkers and decisions to the desk."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from casework.models import Checker, CheckJob, Visit, VisitDecision
from platforms import tombstones


class ExpectedSerializer(serializers.Serializer):
    """The item that was reported; `fingerprint` is what its page showed when a checker first saw it from there."""

    platform = serializers.CharField()
    kind = serializers.CharField()
    identifier = serializers.CharField(allow_blank=True)
    canonical = serializers.CharField()
    fingerprint = serializers.JSONField(allow_null=True)


class LeasedJobSerializer(serializers.Serializer):
    job = serializers.UUIDField()
    attempt = serializers.IntegerField(help_text="Which of its leases this is; named with the finding.")
    reason = serializers.CharField()
    due_at = serializers.DateTimeField()
    expected = ExpectedSerializer()


class LeasedSerializer(serializers.Serializer):
    """Jobs, and the rules of their platforms by slug (null: only the general ones hold)."""

    jobs = LeasedJobSerializer(many=True)
    rules = serializers.DictField(child=serializers.JSONField(allow_null=True))
    lease_seconds = serializers.FloatField(help_text="How long they are the checker's, unless extended.")
    come_again_in = serializers.FloatField(help_text="Seconds; 0: there is more now.")


class ExtendedSerializer(serializers.Serializer):
    lease_seconds = serializers.FloatField()
    kept = serializers.ListField(
        child=serializers.UUIDField(), help_text="What is not named is lost: leave it."
    )


class HandedBackSerializer(serializers.Serializer):
    handed_back = serializers.IntegerField()


class RefusedFindingSerializer(serializers.Serializer):
    job = serializers.UUIDField()
    attempt = serializers.IntegerField()
    detail = serializers.CharField()


class RefusedFileSerializer(serializers.Serializer):
    sha256 = serializers.CharField()
    detail = serializers.CharField()


class ReceivedSerializer(serializers.Serializer):
    kept = serializers.IntegerField()
    known = serializers.IntegerField(help_text="Kept already.")
    refused = RefusedFileSerializer(many=True)


class TakenSerializer(serializers.Serializer):
    recorded = serializers.IntegerField()
    repeated = serializers.IntegerField(help_text="Known already, and not counted again.")
    refused = RefusedFindingSerializer(many=True)


class CheckerSerializer(serializers.ModelSerializer):
    class Meta:
        model = Checker
        fields = (
            "id", "name", "country", "logged_in", "is_active", "added_at", "version", "clock_skew", "last_seen_at",
        )  # fmt: skip
        read_only_fields = fields


class IssuedCheckerSerializer(CheckerSerializer):
    """With the secret of its token, which is shown in this answer only and kept nowhere."""

    secret = serializers.CharField(allow_null=True)

    class Meta(CheckerSerializer.Meta):
        fields = (*CheckerSerializer.Meta.fields, "secret")
        read_only_fields = fields


class VisitDecisionSerializer(serializers.ModelSerializer):
    platform = serializers.SlugRelatedField(slug_field="slug", read_only=True)

    class Meta:
        model = VisitDecision
        fields = ("id", "platform", "country", "logged_in", "allowed", "note", "at", "by_name")
        read_only_fields = fields


class LegalNoteSerializer(serializers.Serializer):
    note = serializers.CharField()
    note_sha256 = serializers.CharField()


def told(jobs: Iterable[CheckJob]) -> dict[str, Any]:
    """`jobs` and `rules` of a lease, as plain values."""
    jobs = list(jobs)
    prints = _fingerprints(jobs)
    slugs = sorted({job.item.platform.slug for job in jobs})
    return {
        "jobs": [_job(job, prints.get(job.item_id)) for job in jobs],
        "rules": {slug: tombstones.rules(slug) for slug in slugs},
    }


def _job(job: CheckJob, fingerprint: Any) -> dict[str, Any]:
    item = job.item
    expected = {
        "platform": item.platform.slug, "kind": item.kind, "identifier": item.identifier,
        "canonical": item.canonical, "fingerprint": fingerprint,
    }  # fmt: skip
    return {
        "job": str(job.key), "attempt": job.attempt, "reason": job.reason, "due_at": job.due_at, "expected": expected,
    }  # fmt: skip


def _fingerprints(jobs: list[CheckJob]) -> dict[int, Any]:
    """Of each item what its page first showed from this vantage."""
    if not jobs:
        return {}
    seen = Visit.objects.filter(
        job__item__in={job.item_id for job in jobs}, job__country=jobs[0].country,
        job__logged_in=jobs[0].logged_in, fingerprint__isnull=False,
    )  # fmt: skip
    first = seen.order_by("job__item", "pk").distinct("job__item")
    return dict(first.values_list("job__item", "fingerprint"))
