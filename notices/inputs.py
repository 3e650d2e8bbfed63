"""What may be sent to the API about notices and answers; the fields are named after the verbs' arguments."""

from datetime import datetime
from typing import Any, ClassVar

from django.core.validators import RegexValidator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.limits import LONGEST_TEXT
from accounts.serializers import Input
from casework.models import Claim, Item
from notices import ladder, links
from notices.answer_files import MOST_BYTES
from notices.delivery_times import LONGEST_REASON
from notices.models import CONVERSATIONS, GENERAL, LONGEST_ADDRESSEE, Line, NoticeKind, RefusalCode
from platforms.models import ZONES, Channel, Language, Platform

MOST_ITEMS = 1_000
COUNTRY = RegexValidator(r"^[A-Za-z]{2}\Z", "Use two letters for each country, like GB.")


@extend_schema_field(OpenApiTypes.INT)
class ChannelOf(serializers.PrimaryKeyRelatedField):
    """One of the current channels that the person may see."""

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        return Channel.objects.current().visible_to(request.user) if request else Channel.objects.none()


class ItemReferences(Input):
    """`items` are references; all of them must be there."""

    items = serializers.ListField(
        child=serializers.CharField(max_length=20),
        allow_empty=False,
        max_length=MOST_ITEMS,
        help_text="References.",
    )

    def validate_items(self, references: list[str]) -> list[Item]:
        items = Item.objects.visible_to(self.context["request"].user).filter(reference__in=references)
        missing = sorted(set(references) - {item.reference for item in items})
        if missing:
            raise serializers.ValidationError(f"There is no item {', '.join(missing)}.")
        return list(items)


class NewLetters(ItemReferences):
    """Letters about items, in a language and over a channel."""

    language = serializers.ChoiceField(
        choices=Language.choices,
        required=False,
        default="",
        allow_blank=True,
        help_text="Else the channel's.",
    )
    channel = ChannelOf(required=False, default=None, allow_null=True, help_text="Else the platform's first.")


class NewDrafts(NewLetters):
    letter = serializers.CharField(
        required=False, default="", allow_blank=True, help_text="Else by the ground."
    )


class Sender(Input):
    organisation = serializers.CharField(max_length=200)
    name = serializers.CharField(max_length=120)
    email = serializers.EmailField()
    good_faith = serializers.BooleanField(
        help_text="That what the notice says is believed accurate and complete."
    )
    marking = serializers.CharField(max_length=80, required=False, allow_blank=True)
    handling = serializers.CharField(max_length=300, required=False, allow_blank=True)
    explanation = serializers.CharField(
        max_length=LONGEST_TEXT,
        required=False,
        allow_blank=True,
        help_text="Of a withdrawal or correction: what the platform is told.",
    )


class NewWithdrawal(Input):
    explanation = serializers.CharField(max_length=LONGEST_TEXT, help_text="It stands in the letter.")


class NewCorrection(NewWithdrawal):
    lines = serializers.ListField(
        source="positions",
        child=serializers.IntegerField(min_value=1),
        allow_empty=False,
        max_length=MOST_ITEMS,
        help_text="The numbers of the lines that were wrong.",
    )


class NewPreservation(NewLetters):
    """A request to preserve what is known of the items."""


class NewDisputes(NewLetters):
    """Letters about answers that our looks do not agree with."""

    captures = serializers.BooleanField(
        default=False, help_text="Whether they name the SHA-256 of our captures."
    )


class VerbOfNotice(Input):
    """`reason` where the verb needs one; `channel` (if not the notice's own) and `with_link` only when sending."""

    reason = serializers.CharField(required=False)
    channel = ChannelOf(required=False)
    with_link = serializers.BooleanField(
        required=False,
        help_text="Put a link into the mail with which this notice can be answered without an account.",
    )

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        transition = self.context["transition"]
        takes = (
            {"reason"}
            if transition.needs_reason
            else {"channel", "with_link"}
            if transition.verb == "queue"
            else set()
        )
        if transition.needs_reason and "reason" not in sent:
            raise serializers.ValidationError({"reason": "Give a reason."})
        if extra := sorted(sent.keys() - takes):
            raise serializers.ValidationError({name: "This verb takes none." for name in extra})
        return sent


class NewLink(Input):
    notice = serializers.CharField(max_length=20, help_text="Its reference.")
    addressee = serializers.CharField(max_length=LONGEST_ADDRESSEE, help_text="Whom it is for.")
    days = serializers.IntegerField(min_value=1, max_value=links.MOST_DAYS, default=links.DAYS)


class NewObjection(Input):
    reason = serializers.CharField(max_length=10_000, help_text="What the platform objects to.")


class NewAcknowledgement(Input):
    expected_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    platform_reference = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    automatic = serializers.BooleanField(default=False, help_text="A receipt that no person wrote.")


class Said(Input):
    """What a platform says of a line."""

    answer = serializers.ChoiceField(choices=Claim.choices)
    refusal_code = serializers.ChoiceField(
        choices=RefusalCode.choices,
        required=False,
        default="",
        allow_blank=True,
        help_text="Of a refusal only.",
    )
    effective_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    territories = serializers.ListField(
        child=serializers.CharField(validators=[COUNTRY]),
        required=False,
        default=list,
        max_length=300,
        help_text="Two letters of each country; none means everywhere.",
    )
    note = serializers.CharField(required=False, default="", allow_blank=True)
    platform_reference = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)


class NewAnswer(Said):
    """The same answer to the lines named; `all_open` names every line without an answer."""

    lines = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=1_000_000),
        required=False,
        default=list,
        help_text="Positions of lines.",
    )
    all_open = serializers.BooleanField(
        default=False, help_text="All lines that have no answer yet, instead."
    )
    at = serializers.DateTimeField(
        required=False, help_text="When the platform said so; only where it is entered on its behalf."
    )

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        if "at" in sent and not self.context["on_behalf"]:
            raise serializers.ValidationError({"at": "Your own answer is given now; leave this out."})
        rows = Line.objects.filter(notice=self.context["notice"])
        positions, all_open = set(sent["lines"]), sent.pop("all_open")
        if bool(positions) == all_open:
            raise serializers.ValidationError({"lines": "Name lines, or say all_open: one of both."})
        chosen = list(rows.filter(answer="") if all_open else rows.filter(position__in=positions))
        if missing := sorted(positions - {line.position for line in chosen}):
            raise serializers.ValidationError(
                {"lines": f"This notice has no line {', '.join(map(str, missing))}."}
            )
        if not chosen:
            raise serializers.ValidationError({"lines": "Every line has an answer."})
        return {**sent, "lines": chosen}


class AnswerTable(Input):
    """The table of a notice's lines, filled in."""

    file = serializers.FileField(help_text="CSV, XLSX or ODS with the columns of the table of lines.")
    dry_run = serializers.BooleanField(default=True, help_text="Say what would happen; save nothing.")
    leave_out = serializers.BooleanField(
        default=False, help_text="Leave rows with an error out; else one error refuses all."
    )

    def validate_file(self, file: Any) -> Any:
        if file.size > MOST_BYTES:
            raise serializers.ValidationError(f"The file is larger than {MOST_BYTES // 1024**2} MB.")
        return file


class NewMail(Input):
    """A message as a mail server has it."""

    message = serializers.FileField(help_text="The message, byte for byte.", allow_empty_file=True)


class Moment(serializers.DateTimeField):
    """A time that says its zone, so that nobody has to guess it."""

    default_error_messages: ClassVar = {"no_zone": "Give the time with its zone, like 2026-03-01T09:30:00Z."}

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("no_zone")
        return super().enforce_timezone(value)


class Resolution(Input):
    arrived = serializers.BooleanField(
        help_text="Whether the letter reached the platform; if not, it is sent again, or, by hand, has failed."
    )
    at = Moment(
        required=False,
        default=None,
        allow_null=True,
        help_text="When; by default the hand-over, or now if by hand. Not for a letter that is sent again.",
    )
    reference = serializers.CharField(
        max_length=120, required=False, default="", allow_blank=True,
        help_text="The platform's own, if it gave one: it proves that the notice was received.",
    )  # fmt: skip


class Bounce(Input):
    at = Moment(help_text="When it came back, with its zone; not before it left.")
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="Why it was not delivered.")


class Receipt(Input):
    at = Moment(help_text="When the platform received it, with its zone; not before it left.")
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="How this is known.")


class Telling(Input):
    how = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in CONVERSATIONS])
    at = Moment(help_text="When, with its zone; not before the notice was drafted.")
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="With whom, and what they said.")


class NewStep(Input):
    channel = ChannelOf(help_text="One of the platform's current channels.")
    rung = serializers.IntegerField(min_value=1, max_value=ladder.MOST_RUNGS)
    addressee = serializers.CharField(
        max_length=120,
        required=False,
        default="",
        allow_blank=True,
        help_text="Whom it reaches, by function.",
    )
    after_hours = serializers.IntegerField(
        min_value=0,
        max_value=ladder.MOST_HOURS,
        default=0,
        help_text="After the notice one step lower arrived.",
    )
    per_hour = serializers.IntegerField(
        min_value=1, max_value=ladder.MOST_PER_HOUR, required=False, default=None, allow_null=True,
        help_text="How many letters may leave in an hour; none: no limit.",
    )  # fmt: skip


class NewLadder(Input):
    """Every current channel of the platform, each with its step."""

    steps = serializers.ListField(child=NewStep(), max_length=100)

    def validate_steps(self, given: list[dict[str, Any]]) -> list[ladder.Step]:
        return [ladder.Step(**step) for step in given]


class NewChaser(Input):
    notices = serializers.ListField(
        child=serializers.CharField(max_length=20),
        min_length=1,
        max_length=1000,
        help_text="References, all of one platform, channel and language.",
    )


class NewSteps(Input):
    chases = serializers.BooleanField(help_text="Chasers leave without anybody.")
    every_hours = serializers.IntegerField(min_value=1, max_value=8784)
    escalates = serializers.BooleanField(help_text="The escalation is drafted, and approved as every notice.")
    after_chasers = serializers.IntegerField(min_value=1, max_value=20)


class NewsRead(Input):
    key = serializers.CharField(
        max_length=60, required=False, default="", allow_blank=True, help_text="Of one entry; empty: all."
    )


class ContactFields(Input):
    desk = serializers.CharField(max_length=120)
    email = serializers.EmailField(required=False, allow_blank=True)
    telephone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    languages = serializers.CharField(max_length=120, required=False, allow_blank=True)
    hours = serializers.CharField(max_length=120, required=False, allow_blank=True)
    zone = serializers.ChoiceField(choices=[(name, name) for name in ZONES], required=False, allow_blank=True)
    policy_link = serializers.URLField(max_length=300, required=False, allow_blank=True)
    is_current = serializers.BooleanField(required=False)


class NewContact(ContactFields):
    platform = serializers.SlugField(max_length=40)


class Decision(Input):
    accept = serializers.BooleanField()
    reason = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class NewLetterVersion(Input):
    kind = serializers.ChoiceField(choices=NoticeKind.choices, default=NoticeKind.NOTICE)
    letter = serializers.CharField(max_length=60, default=GENERAL, help_text="The ground, or “general”.")
    platform = serializers.SlugField(
        max_length=40,
        default=None,
        allow_null=True,
        help_text="Whose own letter it is; null: any platform's.",
    )
    language = serializers.ChoiceField(choices=Language.choices)
    subject = serializers.CharField(max_length=300)
    body = serializers.CharField(help_text="Names that begin with “$” are filled in.")
    note = serializers.CharField(max_length=300, default="", allow_blank=True, help_text="What is new.")

    def validate_platform(self, slug: str | None) -> Platform | None:
        found = Platform.objects.filter(slug=slug).first()
        if slug is not None and found is None:
            raise serializers.ValidationError(f"There is no platform “{slug}”.")
        return found


class LetterApproval(Input):
    in_force_from = Moment(
        default=None, allow_null=True, help_text="With its zone; from now on if it is left out."
    )
