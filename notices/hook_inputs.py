"""What a platform may say by webhook: one message about one notice, as JSON; and what is wrong with it, by place."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rest_framework import serializers

from accounts import limits
from accounts.parsing import is_deep
from accounts.serializers import Input
from notices.inputs import Moment, NewAcknowledgement, Said

MOST_LINES = 100_000
NOT_JSON = "This is not a JSON document in UTF-8."
TOO_DEEP = "This is nested too deeply."


class Problem(dict[str, str]):
    """What is wrong at one place of the document, by its JSON pointer (RFC 6901)."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(pointer=_storable(pointer), detail=_storable(detail))


class Unreadable(Exception):
    """The message cannot be taken; tells every place in it that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{each['pointer']}: {each['detail']}" for each in problems))
        self.problems = list(problems)


class AboutNotice(Input):
    notice = serializers.CharField(max_length=20, help_text="Its reference, like N2026-000123.")


class HookAcknowledgement(AboutNotice, NewAcknowledgement):
    expected_at = Moment(
        required=False, default=None, allow_null=True, help_text="When the answer can be expected."
    )


class HookLine(Said):
    line = serializers.IntegerField(min_value=1, max_value=1_000_000, help_text="Its number in the notice.")
    effective_at = Moment(required=False, default=None, allow_null=True)


class HookLines(AboutNotice):
    lines = HookLine(many=True, allow_empty=False, max_length=MOST_LINES)


class HookQuestion(AboutNotice):
    question = serializers.CharField(max_length=limits.LONGEST_TEXT)


class HookObjection(AboutNotice):
    objection = serializers.CharField(max_length=limits.LONGEST_TEXT)


KINDS: dict[str, type[AboutNotice]] = {
    "notice.acknowledged": HookAcknowledgement,
    "lines.answered": HookLines,
    "clarification.asked": HookQuestion,
    "notice.objected": HookObjection,
}


class Envelope(Input):
    """`timestamp` is when it happened at the platform; an answer counts from when it came in."""

    type = serializers.ChoiceField(choices=list(KINDS))
    timestamp = Moment()
    data = serializers.DictField()


def read(body: bytes) -> tuple[str, dict[str, Any]]:
    """The kind of the message and what it says, checked; raises `Unreadable`."""
    try:
        sent = json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise Unreadable([Problem("", NOT_JSON)]) from error
    if is_deep(sent):
        raise Unreadable([Problem("", TOO_DEEP)])
    kind = _checked(Envelope, sent, "")["type"]
    return kind, _checked(KINDS[kind], sent["data"], "/data")


def _checked(form: type[Input], sent: Any, place: str) -> dict[str, Any]:
    given = form(data=sent)
    if not given.is_valid():
        raise Unreadable(list(_problems(given.errors, place)))
    return dict(given.validated_data)


def _problems(errors: Any, place: str) -> Iterator[Problem]:
    """Each sentence with its place."""
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            here = place if name == "non_field_errors" else f"{place}/{escaped(str(name))}"
            yield from _problems(inner, here)
        return
    for number, inner in enumerate(errors):
        if isinstance(inner, Mapping):
            yield from _problems(inner, f"{place}/{number}")
        else:
            yield Problem(place, str(inner))


def _storable(text: str) -> str:
    """What a message holds may stand in what is said of it, but not every character can be kept."""
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def escaped(name: str) -> str:
    """A part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
