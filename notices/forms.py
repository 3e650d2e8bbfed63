"""Forms about notices and answers; none of them saves. Their fields carry the names of the verbs' arguments."""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from accounts.fields import LongTextField, MomentField
from casework.models import Claim
from notices import ladder
from notices.answer_files import MOST_BYTES
from notices.delivery_times import LONGEST_REASON
from notices.links import DAYS, MOST_DAYS
from notices.models import CONVERSATIONS, LONGEST_ADDRESSEE, RefusalCode
from platforms.models import ZONES, Channel, Language, Platform

COUNTRY = re.compile(r"[A-Z]{2}\Z")


class MessageForm(forms.Form):
    """A question to us, or our reply: the other side reads it."""

    reason = LongTextField(label="Message", widget=forms.Textarea(attrs={"rows": 5}))


class DraftForm(forms.Form):
    language = forms.ChoiceField(
        choices=[("", "That of each channel"), *Language.choices],
        required=False,
        label="Language of the letters",
    )


class SenderForm(forms.Form):
    organisation = forms.CharField(max_length=200)
    name = forms.CharField(
        max_length=120, label="Name", help_text="The person or desk that answers questions."
    )
    email = forms.EmailField(label="E-mail address for answers")
    marking = forms.CharField(
        max_length=80,
        required=False,
        help_text="Stands in head and foot of every page, in the subject of a mail, and in the tables. "
        "For example “OFFICIAL – SENSITIVE”.",
    )
    handling = forms.CharField(
        max_length=300,
        required=False,
        label="Handling instruction",
        help_text="What the platform may do with it, beside the marking.",
    )
    good_faith = forms.BooleanField(
        required=False,
        label="We believe in good faith that what this notice says is accurate and complete",
        help_text="Without it the notice cannot be submitted.",
    )


class SideLetterForm(SenderForm):
    """The same for a letter that tells the platform something."""

    explanation = LongTextField(
        label="What the platform is told",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="It stands in the letter, in the letter's language.",
    )
    field_order: ClassVar = ["explanation"]


class ExplanationForm(forms.Form):
    """Why a notice is withdrawn, as the platform reads it."""

    explanation = LongTextField(
        label="What the platform is told",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="It stands in the letter; write it in the letter's language. You read the letter before it leaves.",
    )


class PreservationForm(DraftForm):
    """Which items a platform is asked to preserve."""

    items = LongTextField(
        label="References of the items",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One on each line, like 2026-000123. Each platform among them gets a request of its own.",
    )
    field_order: ClassVar = ["items"]


class DisputeForm(DraftForm):
    """In which language we dispute answers, and whether the letters name what we kept."""

    language = forms.ChoiceField(
        choices=[("", "That of each notice"), *Language.choices],
        required=False,
        label="Language of the letters",
    )
    captures = forms.BooleanField(
        required=False,
        label="Name the SHA-256 of our captures",
        help_text="The platform can then tell which file we have; the file itself does not leave.",
    )


class SendForm(forms.Form):
    """Over which of the platform's current channels the letter leaves, and whether it carries a link to answer."""

    channel = forms.ModelChoiceField(Channel.objects.none(), empty_label=None)
    with_link = forms.BooleanField(
        required=False,
        label=f"Put a link into the mail with which this notice can be answered without an account, for {DAYS} days",
        help_text="Whoever the mail is forwarded to can answer as well. Only letters by mail can carry one.",
    )

    def __init__(self, *args: Any, platform: Platform, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].queryset = Channel.objects.current().filter(platform=platform)  # type: ignore[attr-defined]


class LinkForm(forms.Form):
    """A link to one notice for somebody without an account."""

    addressee = forms.CharField(
        max_length=LONGEST_ADDRESSEE,
        label="Whom it is for",
        help_text="A desk or an address. It stands beside every answer that comes by this link.",
    )
    days = forms.IntegerField(min_value=1, max_value=MOST_DAYS, label="For how many days")


class AcknowledgeForm(forms.Form):
    expected_at = MomentField(
        required=False,
        label="When the answer can be expected",
        widget=forms.DateTimeInput,
        help_text="Leave it empty if you cannot say. Europe/London.",
    )
    platform_reference = forms.CharField(
        max_length=120, required=False, label="The platform's own reference", help_text="If it has given one."
    )


class AnswerForm(forms.Form):
    """What the platform says about the lines selected; `at` only when it is entered on its behalf."""

    answer = forms.ChoiceField(choices=[("", "Choose an answer"), *Claim.choices])
    refusal_code = forms.ChoiceField(
        choices=[("", "Not a refusal"), *RefusalCode.choices], required=False, label="If refused: why"
    )
    effective_at = MomentField(
        required=False,
        label="When it took effect",
        widget=forms.DateTimeInput,
        help_text="For example when it was taken down. Europe/London.",
    )
    territories = forms.CharField(
        max_length=1_000,
        required=False,
        label="Where, if not everywhere",
        help_text="Two letters of each country, for example GB, FR.",
    )
    platform_reference = forms.CharField(max_length=120, required=False, label="The platform's own reference")
    note = LongTextField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    at = MomentField(
        required=False,
        label="When the platform said so",
        widget=forms.DateTimeInput,
        help_text="If not just now. Europe/London.",
    )

    def __init__(
        self, *args: Any, on_behalf: bool, claims: Sequence[Claim] = tuple(Claim), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        answer: Any = self.fields["answer"]
        answer.choices = [("", "Choose an answer"), *((claim.value, claim.label) for claim in claims)]
        if not on_behalf:
            del self.fields["at"]
            self.fields["platform_reference"].label = "Your own reference"

    def clean_territories(self) -> list[str]:
        codes = [code for code in re.split(r"[\s,;]+", str(self.cleaned_data["territories"]).upper()) if code]
        if wrong := [code for code in codes if not COUNTRY.match(code)]:
            raise forms.ValidationError(f"Use two letters for each country; not {', '.join(wrong)}.")
        return codes

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        refused = cleaned.get("answer") == Claim.REFUSED
        if refused and not cleaned.get("refusal_code"):
            self.add_error("refusal_code", "Say why it is refused.")
        if cleaned.get("answer") and not refused and cleaned.get("refusal_code"):
            self.add_error("refusal_code", "Only a refusal has a reason. Choose “Not a refusal”.")
        return cleaned


class AnswerFileForm(forms.Form):
    """The table of a notice's lines, filled in."""

    file = forms.FileField(
        label="The filled-in table",
        help_text="The CSV or XLSX that came with the notice, or an ODS of it. Rows without an answer are passed over.",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.ods"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(f"The file is larger than {MOST_BYTES // 1024**2} MB.")
        return file


class ResolveForm(forms.Form):
    """What became of a letter; `by_hand` when a person was to deliver it."""

    arrived = forms.TypedChoiceField(
        label="Did the letter arrive?", widget=forms.RadioSelect, coerce=lambda value: value == "yes"
    )
    at = MomentField(
        required=False,
        label="When it left us",
        widget=forms.DateTimeInput,
        help_text="If it did arrive. Left empty: when it was handed over. Europe/London.",
    )
    reference = forms.CharField(
        max_length=120,
        required=False,
        label="The platform's reference",
        help_text="What its form, or the person, gave you. It proves that the notice was received.",
    )

    def __init__(self, *args: Any, by_hand: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        arrived: Any = self.fields["arrived"]
        arrived.choices = [
            ("yes", "Yes. Record it as sent; it is not sent again."),
            ("no", "No. Put it back in the queue; it is sent again."),
        ]
        if not by_hand:
            del self.fields["reference"]
        else:
            arrived.label = "Was the letter delivered?"
            arrived.choices = [
                ("yes", "Yes. Record it as sent."),
                ("no", "No. Record that it could not be delivered; its items can be notified another way."),
            ]
            self.fields["at"].label = "When"
            self.fields["at"].help_text = "If not just now. Europe/London."


class TellingForm(forms.Form):
    """That somebody of ours spoke with the platform about a notice."""

    how = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in CONVERSATIONS], label="How", widget=forms.RadioSelect
    )
    at = MomentField(label="When", widget=forms.DateTimeInput, help_text="Europe/London.")
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        label="Whom you spoke with, and what they said",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Name them by what they do, for example “duty desk”. It stays in the history.",
    )


class BounceForm(forms.Form):
    """That a letter which had left came back."""

    at = MomentField(label="When it came back", widget=forms.DateTimeInput, help_text="Europe/London.")
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        label="Why it was not delivered",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="As the message says, for example “550 no such mailbox”. It stays in the history.",
    )


class ReceiptForm(forms.Form):
    """How we know that a letter has arrived."""

    at = MomentField(
        label="When the platform received it", widget=forms.DateTimeInput, help_text="Europe/London."
    )
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        label="How you know",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For example a receipt, an acknowledgement by telephone, or the register of the post room. "
        "It stays in the history.",
    )


class LadderForm(forms.Form):
    """Where each current channel of a platform stands; four fields for every one."""

    def __init__(self, *args: Any, steps: Sequence[ladder.Step], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.given = steps
        for step in steps:
            self.fields |= _step_fields(step)

    def rows(self) -> list[tuple[Channel, list[forms.BoundField]]]:
        """Each channel with its fields."""
        names = ("rung", "addressee", "after_hours", "per_hour")
        return [(step.channel, [self[f"{name}_{step.channel.pk}"] for name in names]) for step in self.given]

    def steps(self) -> list[ladder.Step]:
        """What was entered, once it is valid."""
        said, keys = self.cleaned_data, [(step.channel, step.channel.pk) for step in self.given]
        return [
            ladder.Step(
                channel,
                rung=said[f"rung_{key}"],
                addressee=said[f"addressee_{key}"],
                after_hours=said[f"after_hours_{key}"],
                per_hour=said[f"per_hour_{key}"],
            )
            for channel, key in keys
        ]


def _step_fields(step: ladder.Step) -> dict[str, forms.Field]:
    key = step.channel.pk
    return {
        f"rung_{key}": forms.IntegerField(
            min_value=1, max_value=ladder.MOST_RUNGS, initial=step.rung, label="Step"
        ),
        f"addressee_{key}": forms.CharField(
            max_length=120, required=False, initial=step.addressee, label="Addressee"
        ),
        f"after_hours_{key}": forms.IntegerField(
            min_value=0, max_value=ladder.MOST_HOURS, initial=step.after_hours, label="After hours"
        ),
        f"per_hour_{key}": forms.IntegerField(
            min_value=1, max_value=ladder.MOST_PER_HOUR, required=False, initial=step.per_hour,
            label="Letters an hour",
        ),
    }  # fmt: skip


class StepsForm(forms.Form):
    """What the desk does by itself about one platform's silence."""

    chases = forms.BooleanField(required=False, label="Send chasers without anybody pressing a button")
    every_hours = forms.IntegerField(min_value=1, max_value=8784, label="Hours from one chaser to the next")
    escalates = forms.BooleanField(
        required=False,
        label="Draft the escalation",
        help_text="A reviewer still approves it, and somebody sends it.",
    )
    after_chasers = forms.IntegerField(
        min_value=1, max_value=20, label="After how many chasers without an answer"
    )


class DailyMailForm(forms.Form):
    """When a person wants to be told by mail what is new."""

    by_mail = forms.BooleanField(required=False, label="Send me one mail a day when something is new")
    hour = forms.TypedChoiceField(
        choices=[(hour, f"{hour:02}:00") for hour in range(24)], coerce=int, label="At"
    )
    zone = forms.ChoiceField(choices=[(name, name) for name in ZONES], label="Time zone")


class ContactForm(forms.Form):
    """A desk at a platform, by what it does."""

    desk = forms.CharField(max_length=120, help_text="By function: “Trust and safety, legal requests”.")
    telephone = forms.CharField(max_length=40, required=False, help_text="With the country: +44 20 …")
    email = forms.EmailField(required=False, label="E-mail address")
    languages = forms.CharField(max_length=120, required=False)
    hours = forms.CharField(max_length=120, required=False, help_text="“Monday to Friday, 09:00 to 17:00”.")
    zone = forms.ChoiceField(
        choices=[("", "Not stated"), *((name, name) for name in ZONES)], required=False, label="Time zone"
    )
    policy_link = forms.URLField(
        max_length=300, required=False, assume_scheme="https", label="Web address of your own rules"
    )
    is_current = forms.BooleanField(required=False, initial=True, label="In use")


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        choices=[("accept", "It holds"), ("refuse", "Refuse it")], widget=forms.RadioSelect
    )
    reason = forms.CharField(max_length=300, required=False, help_text="The liaison reads it.")
