"""What no single line of a recorded history can tell: names that are not known, and lines that do not fit."""

from collections.abc import Mapping
from typing import NamedTuple

from casework.models import Category
from notices.history_records import LineError, Record
from notices.models import RefusalCode
from platforms.models import Platform
from platforms.recognition import NotAnAddress, Recognition, recognise

Records = Mapping[str, list[Record]]  # by type; a type without records gives an empty list


class Checked(NamedTuple):
    """The errors, and what each address names."""

    errors: list[LineError]
    read: dict[str, Recognition]


def cross_check(records: Records, broken: set[tuple[str, str]]) -> Checked:
    """Checks records against each other and the known names; `broken`: (type, ref) of wrong lines."""
    errors: list[LineError] = []
    read: dict[str, Recognition] = {}
    items, notices = _unique(records["item"], errors), _unique(records["notice"], errors)
    errors += _known_names(records) + _addresses(records, read)
    errors += _unknown_references(
        records, {("item", ref) for ref in items} | {("notice", ref) for ref in notices} | broken
    )
    errors += [
        LineError(record.line, "received_at", "A notice cannot be received before it was sent.")
        for record in records["notice"]
        if record.received_at and record.received_at < record.sent_at
    ]
    errors += _answer_errors(records, notices)
    errors += [
        LineError(record.line, "until", "A hold cannot end before it begins.")
        for record in records["hold"]
        if record.until and record.until < record.values["from"]
    ]
    return Checked(errors + _copy_errors(records["copy"]), read)


def _unknown_references(records: Records, known: set[tuple[str, str]]) -> list[LineError]:
    named = [("notice", "lines", "item"), ("copy", "of", "item")]
    named += [(kind, "item", "item") for kind in ("check", "answer", "withdrawn", "hold", "invalid", "copy")]
    named += [(kind, "notice", "notice") for kind in ("delivery_failed", "acknowledged", "answer")]
    return [
        LineError(record.line, name, f"No {what} in this file has the reference “{ref}”.")
        for kind, name, what in named
        for record in records[kind]
        for ref in ([record.values[name]] if name != "lines" else record.lines)
        if (what, ref) not in known
    ]


def _answer_errors(records: Records, notices: dict[str, Record]) -> list[LineError]:
    errors = []
    for record in records["answer"]:
        notice = notices.get(record.notice)
        if notice and record.item not in notice.lines:
            errors.append(
                LineError(record.line, "item", f"Notice “{record.notice}” has no line “{record.item}”.")
            )
        if (record.answer == "refused") != bool(record.refusal_code):
            codes = ", ".join(RefusalCode.values)
            errors.append(
                LineError(record.line, "refusal_code", f"A refusal, and only a refusal, has a code: {codes}.")
            )
    return errors


def _copy_errors(records: list[Record]) -> list[LineError]:
    errors, seen = [], set()
    for record in records:
        if record.item == record.of:
            errors.append(LineError(record.line, "of", "An item is not a copy of itself."))
        elif (record.item, record.of) in seen:
            errors.append(
                LineError(record.line, "of", f"“{record.item}” is linked to “{record.of}” already.")
            )
        seen.add((record.item, record.of))
    return errors


def _unique(records: list[Record], errors: list[LineError]) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for record in records:
        if record.ref in found:
            first = found[record.ref].line
            errors.append(LineError(record.line, "ref", f"“{record.ref}” was given on line {first} already."))
        found.setdefault(record.ref, record)
    return found


def _known_names(records: Records) -> list[LineError]:
    known = {
        "platform": set(Platform.objects.values_list("slug", flat=True)),
        "category": set(Category.objects.values_list("slug", flat=True)),
    }
    return [
        LineError(
            record.line, name, f"“{record.values[name]}” is not known; use one of {', '.join(sorted(slugs))}."
        )
        for record in records["item"]
        for name, slugs in known.items()
        if record.values[name] and record.values[name] not in slugs
    ]


def _addresses(records: Records, found: dict[str, Recognition]) -> list[LineError]:
    """Recognises every address once; two references for the same item are an error, as its history is one."""
    errors = []
    first: dict[tuple[str, str, str], Record] = {}
    for record in records["item"]:
        try:
            read = found[record.address] = recognise(record.address)
        except NotAnAddress as problem:
            errors.append(LineError(record.line, "address", str(problem)))
            continue
        earlier = first.setdefault(read.key, record)
        if earlier.ref != record.ref:
            message = f"This is the same item as “{earlier.ref}” on line {earlier.line}; use that reference."
            errors.append(LineError(record.line, "address", message))
    return errors
