"""What may be sent to the API about cases and items; the fields are named after the verbs' arguments."""

from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import Input, MaybeReason, Reason
from casework import pasting
from casework.cases import REFERENCE
from casework.models import (
    Category,
    Cause,
    Confidence,
    Evidence,
    EvidenceKind,
    Ground,
    Item,
    Kind,
    NotActionable,
    ProtectedSpeech,
    Verdict,
)
from platforms.models import PolicyClause, Severity

MOST_ROWS = 5_000
COUNTRY = RegexValidator(r"^[A-Z]{2}\Z", "Use the two letters of the country, like GB.")


class NewCase(Input):
    reference = serializers.CharField(max_length=40, validators=[REFERENCE])
    title = serializers.CharField(max_length=200)
    description = serializers.CharField(required=False, default="", allow_blank=True)


class Row(Input):
    """One address with what is known of it; slugs for platform and category."""

    address = serializers.CharField(max_length=10_000)
    kind = serializers.CharField(required=False, allow_blank=True)
    platform = serializers.CharField(required=False, allow_blank=True)
    category = serializers.CharField(required=False, allow_blank=True)
    language = serializers.CharField(required=False, allow_blank=True, max_length=10)
    title = serializers.CharField(required=False, allow_blank=True, max_length=300)
    note = serializers.CharField(required=False, allow_blank=True)
    source = serializers.CharField(required=False, allow_blank=True, max_length=120)
    priority = serializers.IntegerField(required=False, min_value=1, max_value=5)
    found_at = serializers.DateTimeField(required=False)
    import_reference = serializers.CharField(required=False, allow_blank=True, max_length=200)


class NewItems(Input):
    case = serializers.CharField(help_text="Reference of an open case.")
    items = Row(many=True, allow_empty=False, max_length=MOST_ROWS)
    duplicates = serializers.ChoiceField(
        choices=["skip", "keep"],
        default="skip",
        help_text="“keep” takes addresses that this case has closed; an open one is never doubled.",
    )


class Pasted(Input):
    case = serializers.CharField(help_text="Reference of the case they would go into.")
    text = serializers.CharField(
        max_length=pasting.MOST_CHARACTERS,
        help_text=f"Anything with addresses in it, also defanged; at most {pasting.MOST_LINES:,} lines and "
        f"{pasting.MOST_PIECES:,} addresses.",
    )


class NewImport(Input):
    case = serializers.CharField(help_text="Reference of an open case.")
    file = serializers.FileField(help_text="CSV, XLSX, ODS, or plain text with one address a line.")
    dry_run = serializers.BooleanField(default=True, help_text="Say what would happen; store nothing.")


class ClauseOfPlatform(serializers.SlugRelatedField):
    """A clause by its code, among those of the item's platform."""

    def get_queryset(self) -> Any:
        item = self.context.get("item")
        return PolicyClause.objects.filter(platform=item and item.platform_id)


class Versioned(Input):
    """What is done to an item as the caller read it; in the verb's arguments the version is called `seen`."""

    version = serializers.CharField(
        required=False,
        source="seen",
        max_length=16,
        help_text="The item's `version` as you read it: with another one by now, nothing is done (409).",
    )


class VerbOfItem(MaybeReason, Versioned):
    """A reason, where the verb needs one."""


class NewAssessment(Versioned):
    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.filter(is_active=True)
    )
    ground = serializers.SlugRelatedField(slug_field="slug", queryset=Ground.objects.filter(is_active=True))
    policy_clause = ClauseOfPlatform(
        slug_field="code", queryset=PolicyClause.objects.none(), required=False, allow_null=True
    )
    rationale = serializers.CharField(help_text="Why it should go. The platform reads this.")
    severity = serializers.ChoiceField(choices=Severity.choices)
    threat_to_life = serializers.BooleanField(default=False)
    protected_speech = serializers.ChoiceField(choices=ProtectedSpeech.choices)


class Correction(Reason, Versioned):
    """What is wrong of the item; only what is sent is corrected."""

    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.filter(is_active=True), required=False, allow_null=True
    )
    language = serializers.CharField(required=False, allow_blank=True, max_length=10)
    title = serializers.CharField(required=False, allow_blank=True, max_length=300)
    owner = serializers.CharField(required=False, allow_blank=True, max_length=300)
    found_at = serializers.DateTimeField(required=False)
    source = serializers.CharField(  # type: ignore[assignment] # a field of ours; DRF has an attribute of this name
        required=False, allow_blank=True, max_length=120
    )
    priority = serializers.IntegerField(required=False, min_value=1, max_value=5)
    note = serializers.CharField(required=False, allow_blank=True)


class Rejection(Reason, Versioned):
    not_actionable_as = serializers.ChoiceField(choices=NotActionable.choices, source="as_")


class NewHold(Reason, Versioned):
    authority = serializers.CharField(max_length=200, help_text="Who asks for it.")
    review_at = serializers.DateTimeField(help_text="When to look at it again; a hold never ends by itself.")


class DuplicateOf(Versioned):
    """`of` is the reference of the item that stays, among those that the person may see."""

    of = serializers.CharField(max_length=20, help_text="Reference of the item that stays.")

    def validate_of(self, reference: str) -> Item:
        item = Item.objects.visible_to(self.context["request"].user).filter(reference=reference).first()
        if item is None:
            raise serializers.ValidationError("There is no item with this reference.")
        return item


class NewEvidence(Input):
    file = serializers.FileField(
        allow_empty_file=True,  # the verb says so, with its limits
        help_text="A screenshot is a PNG, JPEG or WebP picture that opens; the other kinds may be any file.",
    )
    kind = serializers.ChoiceField(choices=EvidenceKind.choices, default=EvidenceKind.SCREENSHOT)
    description = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    captured_at = serializers.DateTimeField(required=False, default=None, allow_null=True)


@extend_schema_field(OpenApiTypes.INT)
class ExhibitOfItem(serializers.PrimaryKeyRelatedField):
    """An exhibit that hangs on the item already."""

    def get_queryset(self) -> Any:
        return Evidence.objects.filter(item=self.context.get("item"))


class NewAlias(Input):
    address = serializers.CharField(
        max_length=10_000, help_text="Where the short link led, after all redirects."
    )
    evidence = serializers.CharField(help_text="How it was found out.")
    at = serializers.DateTimeField(
        required=False, default=None, allow_null=True, help_text="If not just now."
    )


class NewCheck(Input):
    """One look; `exhibit` names an exhibit attached before: with a picture, one look confirms a removal."""

    verdict = serializers.ChoiceField(choices=Verdict.choices)
    cause = serializers.ChoiceField(choices=Cause.choices, required=False, default="", allow_blank=True)
    exhibit = ExhibitOfItem(required=False, default=None, allow_null=True)
    marker = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    note = serializers.CharField(required=False, default="", allow_blank=True)
    at = serializers.DateTimeField(
        required=False, default=None, allow_null=True, help_text="If not just now."
    )
    vantage = serializers.CharField(default="GB", validators=[COUNTRY])
    logged_in = serializers.BooleanField(default=False)
    confidence = serializers.ChoiceField(choices=Confidence.choices, default=Confidence.HIGH)

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        gone = sent["verdict"] in {Verdict.GONE, Verdict.ACCOUNT_GONE}
        if gone and not sent["cause"]:
            raise serializers.ValidationError({"cause": "Say what the page states, or “unknown”."})
        return sent
