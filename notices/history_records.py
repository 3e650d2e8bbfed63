"""The records of a recorded history (interfaces.md, section 3): what each may hold, checked line by line."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime

from casework.models import Cause, Claim, Confidence, Kind, Method, Verdict
from notices.models import NoticeKind, RefusalCode
from platforms.models import ChannelKind


class Wrong(Exception):
    """A value that cannot be taken; the message says what would be right."""


@dataclass(frozen=True)
class LineError:
    line: int
    field: str
    message: str


@dataclass(frozen=True)
class Field:
    read: Callable[[Any], Any]
    required: bool = False
    default: Any = None


@dataclass
class Record:
    line: int
    type: str
    values: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(name) from None


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Wrong("Write a text that is not empty.")
    if "\x00" in value:
        raise Wrong("The text holds a NUL character.")
    return value


def optional_text(value: Any) -> str:
    return "" if value is None or value == "" else text(value)


def time(value: Any) -> datetime:
    try:
        parsed = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        parsed = None
    if parsed is None:
        raise Wrong("Write a time in ISO 8601, for example 2020-09-03T00:00:00Z.")
    if parsed.tzinfo is None:
        raise Wrong("The time names no zone; end it with Z or an offset such as +01:00.")
    return parsed


def optional_time(value: Any) -> datetime | None:
    return None if value is None else time(value)


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("Write true or false.")
    return value


def one_of(choices: type[TextChoices], *, empty: bool = False) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if empty and value in {None, ""}:
            return ""
        if value not in choices.values:
            raise Wrong(f"{value!r} is not known; use one of {', '.join(choices.values)}.")
        return str(value)

    return read


def texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not value:
        raise Wrong("Write a list with at least one reference.")
    if len(set(map(text, value))) != len(value):
        raise Wrong("The list names the same reference twice.")
    return value


def countries(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(code, str) and len(code) == 2 for code in value):
        raise Wrong("Write a list of two-letter country codes.")
    return [code.upper() for code in value]


def country(value: Any) -> str:
    return countries([value])[0]


AT = Field(time, required=True)
ITEM = Field(text, required=True)

SCHEMA: Mapping[str, Mapping[str, Field]] = {
    "item": {
        "ref": Field(text, required=True),
        "address": Field(text, required=True),
        "kind": Field(one_of(Kind, empty=True), default=""),
        "platform": Field(optional_text, default=""),
        "category": Field(optional_text, default=""),
        "language": Field(optional_text, default=""),
        "identified_at": AT,
    },
    "check": {
        "item": ITEM,
        "at": AT,
        "verdict": Field(one_of(Verdict), required=True),
        "cause": Field(one_of(Cause, empty=True), default=""),
        "method": Field(one_of(Method), default=Method.PERSON),
        "vantage": Field(country, default="GB"),
        "confidence": Field(one_of(Confidence), default=Confidence.HIGH),
    },
    "notice": {
        "ref": Field(text, required=True),
        "lines": Field(texts, required=True),
        "channel": Field(one_of(ChannelKind), required=True),
        "sent_at": AT,
        "received_at": Field(optional_time),
        "kind": Field(one_of(NoticeKind), default=NoticeKind.NOTICE),
    },
    "delivery_failed": {
        "notice": Field(text, required=True),
        "at": AT,
        "reason": Field(optional_text, default=""),
    },
    "acknowledged": {
        "notice": Field(text, required=True),
        "at": AT,
        "automatic": Field(truth, default=False),
    },
    "answer": {
        "notice": Field(text, required=True),
        "item": ITEM,
        "at": AT,
        "answer": Field(one_of(Claim), required=True),
        "refusal_code": Field(one_of(RefusalCode, empty=True), default=""),
        "effective_at": Field(optional_time),
        "territories": Field(countries, default=()),
    },
    "withdrawn": {"item": ITEM, "at": AT},
    "hold": {
        "item": ITEM,
        "from": AT,
        "until": Field(optional_time),
        "authority": Field(text, required=True),
    },
    "invalid": {
        "item": ITEM,
        "at": AT,
        "reason": Field(text, required=True),
        "confirmed_by": Field(text, required=True),
    },
    "copy": {"item": ITEM, "of": Field(text, required=True), "at": AT},
}

OWN_TIME = {"item": "identified_at", "notice": "sent_at", "hold": "from"}


def parse(lines: Iterable[bytes]) -> tuple[list[Record], list[LineError]]:
    """Records and errors of a JSON Lines file, line numbers from 1; blank lines are passed over."""
    records: list[Record] = []
    errors: list[LineError] = []
    for number, raw in enumerate(lines, 1):
        if raw.strip():
            record, problems = _record(number, raw)
            errors.extend(problems)
            if record:
                records.append(record)
    return records, errors


def _record(number: int, raw: bytes) -> tuple[Record | None, list[LineError]]:
    try:
        given = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        return None, [LineError(number, "", f"This line is not JSON in UTF-8: {error}.")]
    if not isinstance(given, dict) or not isinstance(given.get("type"), str) or given["type"] not in SCHEMA:
        return None, [LineError(number, "type", f"Each line is an object with a type: {', '.join(SCHEMA)}.")]
    kind = given.pop("type")
    schema = {**SCHEMA[kind], "recorded_at": Field(optional_time)}
    errors = [
        LineError(number, name, f"“{name}” is not known here; a {kind} has {', '.join(schema)}.")
        for name in given
        if name not in schema
    ]
    values: dict[str, Any] = {}
    for name, rule in schema.items():
        if name not in given:
            values[name] = rule.default
            if rule.required:
                errors.append(LineError(number, name, f"A {kind} needs “{name}”."))
            continue
        try:
            values[name] = rule.read(given[name])
        except Wrong as wrong:
            errors.append(LineError(number, name, str(wrong)))
    if errors:
        return None, errors
    values["recorded_at"] = values["recorded_at"] or values[OWN_TIME.get(kind, "at")]
    return Record(number, kind, values), []
