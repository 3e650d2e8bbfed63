"""What must agree: choices and constraints, events and sentences, templates and code, words and models."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.html import conditional_escape

from casework.lifecycle import LIFECYCLE as ITEM
from casework.models import (
    CaseStatus,
    ClosedAs,
    Event,
    ImportStatus,
    ItemStatus,
    JobState,
    Presence,
    ReadingStatus,
    SetAsideKind,
)
from casework.timeline import sentence
from notices.lifecycle import LIFECYCLE as NOTICE
from notices.models import AttemptOutcome, DeliveryKind, DispatchState, NoticeStatus
from reports.lifecycle import LIFECYCLE as EDITION
from reports.models import EditionStatus, JobStatus

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "platforms", "casework", "notices", "reports")
TEMPLATES = ROOT / "templates"
GLOSSARY = ROOT / "docs" / "glossary.md"
KIND = re.compile(r"[a-z]+\.[a-z_]+")
BY_DJANGO = {
    "400.html",
    "403.html",
    "403_csrf.html",
    "404.html",
    "500.html",
}  # chosen by name by Django itself
GALLERY = ROOT / "tests" / "config" / "gallery.html"  # shows every component of the design system
STATUSES = {
    "item status": ItemStatus,
    "closed as": ClosedAs,
    "presence": Presence,
    "notice status": NoticeStatus,
    "dispatch state": DispatchState,
    "delivery": DeliveryKind,
    "check job state": JobState,
    "attempt outcome": AttemptOutcome,
    "case status": CaseStatus,
    "import status": ImportStatus,
    "reading status": ReadingStatus,
    "edition status": EditionStatus,
    "job status": JobStatus,
}


def our_models() -> list[type[models.Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


def sources() -> Iterator[ast.AST]:
    for app in (*APPS, "config"):
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" not in path.parts:
                yield ast.parse(path.read_text(encoding="utf-8"))


# -- Choices and constraints -----------------------------------------------------------------------


def allowed(model: type[models.Model], name: str) -> set[str] | None:
    """The values that a check constraint of the model lets the column hold; None if there is none."""
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            for child in constraint.condition.children:
                if isinstance(child, tuple) and child[0] == f"{name}__in" and len(constraint.condition) == 1:
                    return set(child[1])
    return None


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_column_of_choices_is_constrained_in_the_database(model: type[models.Model]) -> None:
    for field in model._meta.concrete_fields:
        if field.choices:
            values = {value for value, _ in field.choices} - {""}
            assert (allowed(model, field.name) or set()) - {""} == values, field.name


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_constraint_says_in_a_sentence_what_is_wrong(model: type[models.Model]) -> None:
    for constraint in model._meta.constraints:
        assert constraint.name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_")
        assert constraint.violation_error_message.endswith("."), constraint.name


# -- Events and their sentences --------------------------------------------------------------------


def recorded_kinds() -> set[str]:
    """Kinds that follow from the tables, and those that the verbs record beside them."""
    moved = {f"{table.noun}.{row.done}" for table in (ITEM, NOTICE, EDITION) for row in table.table}
    noun = {SetAsideKind.WITHDRAWN: "withdrawn", SetAsideKind.INVALID: "found_invalid"}
    return moved | {f"item.set_aside_{noun[kind]}" for kind in SetAsideKind} | set(written_kinds())


def written_kinds() -> Iterator[str]:
    for tree in sources():
        for node in ast.walk(tree):
            called = getattr(node, "func", None)
            name = getattr(called, "attr", getattr(called, "id", ""))
            first = (
                getattr(next(iter(getattr(node, "args", None) or []), None), "value", None)
                if called
                else None
            )
            if name in {"record", "build"} and isinstance(first, str) and KIND.fullmatch(first):
                yield first


def test_every_event_kind_has_its_sentence_and_every_sentence_its_event() -> None:
    sentences = {path.name.removesuffix(".txt") for path in (TEMPLATES / "events").glob("*.txt")}

    assert sentences == recorded_kinds()


@pytest.mark.parametrize("kind", sorted(recorded_kinds()))
def test_sentence_is_plain_text_and_nothing_that_a_page_trusts(kind: str) -> None:
    hostile = "<script>alert('&')</script>"
    names = (
        "authority",
        "of",
        "ground",
        "filename",
        "file",
        "reference",
        "reason",
        "verdict",
        "channel",
        "case",
    )
    event = Event(kind=kind, notice="N2026-000001", reason=hostile, details=dict.fromkeys(names, hostile))

    said = sentence(event)

    assert said
    assert "&lt;" not in said
    assert "<script" not in conditional_escape(said)


# -- Templates -------------------------------------------------------------------------------------


def named_in_code_and_templates() -> str:
    code = [path for app in (*APPS, "config") for path in (ROOT / app).rglob("*.py")]
    return "\n".join(
        path.read_text(encoding="utf-8") for path in [*code, *TEMPLATES.rglob("*.html"), GALLERY]
    )


def is_named(path: Path, text: str) -> bool:
    name = path.relative_to(TEMPLATES).as_posix()
    component = f'component "{path.stem}"' in text and path.parent.name == "components"
    return name in BY_DJANGO or f'"{name}"' in text or f"/{path.name}" in text or component


def test_every_template_is_used() -> None:
    text = named_in_code_and_templates()

    unused = {path.name for path in TEMPLATES.rglob("*.html") if not is_named(path, text)}
    assert unused == set()


# -- The glossary ----------------------------------------------------------------------------------


def tables() -> dict[str, list[str]]:
    """The first column of each table of the glossary by its heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        first = line.strip("| ").partition("|")[0].strip()
        if not line.startswith("|"):
            heading = ""
        elif not heading:
            heading = first
            found[heading] = []
        elif not first.startswith("---"):
            found[heading].append(first.strip("`"))
    return found


def test_glossary_has_an_entry_for_every_model() -> None:
    names = sorted(str(model._meta.verbose_name).capitalize() for model in our_models())

    assert sorted(tables()["record"]) == names


@pytest.mark.parametrize("heading", STATUSES)
def test_glossary_has_an_entry_for_every_status(heading: str) -> None:
    assert tables()[heading] == STATUSES[heading].values
