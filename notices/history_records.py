"""The records of a recorded history (docs/history.md): what each may hold, checked line by line."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime

from casework.models import Cause, Claim, Confidence, Kind, Method, Verdict
from notices.models import NoticeKind, RefusalCode
from platforms.models import ChannelKind

COUNTRY = re.compile(r"[A-Za-z]{2}\Z")
FIRST_YEAR, LAST_YEAR = 1970, 2200


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


def text(value: object, longest: int = 200) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Wrong("Write a text that is not empty.")
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise Wrong("The text holds a NUL character or half of a surrogate pair; take it out.")
    if len(value) > longest:
        raise Wrong(f"The text has {len(value)} characters; write {longest} at most.")
    return value


def up_to(longest: int) -> Callable[[Any], str]:
    def read(value: object) -> str:
        return "" if value == "" else text(value, longest)

    return read


def time(value: object) -> datetime:
    try:
        parsed = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        parsed = None
    if parsed is None:
        raise Wrong("Write a time in ISO 8601, for example 2020-09-03T00:00:00Z.")
    if parsed.tzinfo is None:
        raise Wrong("The time names no zone; end it with Z or an offset such as +01:00.")
    if not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        raise Wrong(f"The year is {parsed.year}; it must lie between {FIRST_YEAR} and {LAST_YEAR}.")
    return parsed


def truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong("Write true or false.")
    return value


def one_of(choices: type[TextChoices], *, empty: bool = False) -> Callable[[Any], str]:
    def read(value: object) -> str:
        if empty and value == "":
            return ""
        if value not in choices.values:
            raise Wrong(f"“{value}” is not known; use one of {', '.join(choices.values)}.")
        return str(value)

    return read


def address(value: object) -> str:
    return text(value, 20_000)


def sentence(value: object) -> str:
    return text(value, 300)


def person(value: object) -> str:
    return text(value, 120)


def texts(value: object) -> list[str]:
    if not isinstance(value, list) or not value:
        raise Wrong("Write a list with at least one reference.")
    if len(set(map(text, value))) != len(value):
        raise Wrong("The list names the same reference twice.")
    return value


def countries(value: object) -> list[str]:
    if not isinstance(value, list) or not all(
        isinstance(code, str) and COUNTRY.match(code) for code in value
    ):
        raise Wrong("Write a list of two-letter country codes.")
    return [code.upper() for code in value]


def country(value: object) -> str:
    return countries([value])[0]


AT = Field(time, required=True)
ITEM = Field(text, required=True)

SCHEMA: Mapping[str, Mapping[str, Field]] = {
    "item": {
        "ref": Field(text, required=True),
        "address": Field(address, required=True),
        "kind": Field(one_of(Kind, empty=True), default=""),
        "platform": Field(up_to(60), default=""),
        "category": Field(up_to(60), default=""),
        "language": Field(up_to(10), default=""),
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
        "received_at": Field(time),
        "kind": Field(one_of(NoticeKind), default=NoticeKind.NOTICE),
    },
    "delivery_failed": {
        "notice": Field(text, required=True),
        "at": AT,
        "reason": Field(up_to(300), default=""),
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
        "effective_at": Field(time),
        "territories": Field(countries, default=()),
    },
    "withdrawn": {"item": ITEM, "at": AT},
    "hold": {
        "item": ITEM,
        "from": AT,
        "until": Field(time),
        "authority": Field(text, required=True),
    },
    "invalid": {
        "item": ITEM,
        "at": AT,
        "reason": Field(sentence, required=True),
        "confirmed_by": Field(person, required=True),
    },
    "copy": {"item": ITEM, "of": Field(text, required=True), "at": AT},
}

OWN_TIME = {"item": "identified_at", "notice": "sent_at", "hold": "from"}


@dataclass
class Parsed:
    """A file's records and errors; `broken`: (type, ref) of wrong lines, so that naming them is no error."""

    records: list[Record] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)
    broken: set[tuple[str, str]] = field(default_factory=set)
    lines: int = 0


def parse(lines: Iterable[bytes]) -> Parsed:
    """Reads a JSON Lines file, line numbers from 1; blank lines are passed over."""
    parsed = Parsed()
    for number, raw in enumerate(lines, 1):
        if raw.strip():
            parsed.lines += 1
            _line(parsed, number, raw)
    return parsed


def _line(parsed: Parsed, number: int, raw: bytes) -> None:
    try:
        given = _object(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
    except Wrong as wrong:
        parsed.errors.append(LineError(number, "", str(wrong)))
        return
    except (ValueError, RecursionError) as error:
        parsed.errors.append(LineError(number, "", f"This line is not JSON in UTF-8: {error}."))
        return
    kind = given.pop("type", None)
    if not isinstance(kind, str) or kind not in SCHEMA:
        parsed.errors.append(LineError(number, "type", f"Each line has a type: {', '.join(SCHEMA)}."))
        return
    values, errors = _values(number, kind, given)
    parsed.errors += errors
    if not errors:
        happened_at = values[OWN_TIME.get(kind, "at")]
        values["recorded_at"] = max(values["recorded_at"] or happened_at, happened_at)
        parsed.records.append(Record(number, kind, values))
    elif isinstance(given.get("ref"), str):
        parsed.broken.add((kind, given["ref"]))


def _object(line: str) -> dict[str, Any]:
    given = json.loads(line, object_pairs_hook=_once)
    if not isinstance(given, dict):
        raise Wrong("Each line is one JSON object.")
    return given


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Wrong("This line names the same field twice.")
    return found


def _values(number: int, kind: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[LineError]]:
    schema = {**SCHEMA[kind], "recorded_at": Field(time)}
    errors = [
        LineError(number, name, f"“{name}” is not known here; a record “{kind}” has {', '.join(schema)}.")
        for name in given
        if name not in schema
    ]
    values: dict[str, Any] = {}
    for name, rule in schema.items():
        values[name] = rule.default
        if given.get(name) is None:
            if rule.required:
                errors.append(LineError(number, name, f"A record “{kind}” needs “{name}”."))
            continue
        try:
            values[name] = rule.read(given[name])
        except Wrong as wrong:
            errors.append(LineError(number, name, str(wrong)))
    return values, errors
