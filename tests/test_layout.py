"""The line of apps, the sizes of files and functions, imports in plain sight, and no look to the left."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from django.apps import apps
from django.conf import settings

LINE = ("config", "reports", "notices", "casework", "platforms", "accounts")
ROOT = Path(settings.BASE_DIR)
MOST_LINES = 400
LONG = 35
WORDS = re.compile(r"[a-z_]+__[a-z_]+")
OF_DICTIONARIES = {"items"}  # a platform's items and a dictionary's are spelt alike
VAGUE = {"services", "utils", "helpers", "common", "core", "misc"}
SOURCES = sorted(
    path.relative_to(ROOT)
    for app in (*LINE, "checker")
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.parts
)
TREES = {path: ast.parse((ROOT / path).read_text(encoding="utf-8")) for path in SOURCES}


def left_of(app: str) -> tuple[str, ...]:
    """The apps that `app` must not import: those to its left; for the checker, which stands outside, all."""
    return LINE[: LINE.index(app)] if app in LINE else LINE


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: ast.FunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_each_app_imports_only_what_stands_to_its_right() -> None:
    wrong = [
        (str(path), name)
        for path, tree in TREES.items()
        for name in imported(tree)
        if name.partition(".")[0] in left_of(path.parts[0])
    ]

    assert wrong == []


def test_no_import_stands_inside_a_function() -> None:
    inside = [
        f"{path}:{node.lineno}"
        for path, tree in TREES.items()
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert inside == []


def test_files_are_named_after_the_work() -> None:
    assert [str(path) for path in SOURCES if VAGUE & {*path.parts, path.stem}] == []


def test_files_are_not_too_long() -> None:
    lengths = {str(path): (ROOT / path).read_text(encoding="utf-8").count("\n") for path in SOURCES}

    assert {path: lines for path, lines in lengths.items() if lines >= MOST_LINES} == {}


def test_most_functions_are_short() -> None:
    lengths = sorted(length(function) for tree in TREES.values() for function in functions(tree))

    assert 4 <= median(lengths) <= 10
    assert lengths[len(lengths) * 95 // 100] <= LONG


def reverse_names(app: str) -> set[str]:
    """What the models of `app` are called by from apps further left."""
    return {
        relation.get_accessor_name()
        for model in apps.get_app_config(app).get_models()
        for relation in model._meta.related_objects
        if relation.related_model._meta.app_label in left_of(app) and relation.get_accessor_name()
    }


def looked_up(tree: ast.AST) -> Iterator[str]:
    """Attributes that are followed, and the words of look-ups by keyword or by string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield from node.arg.split("__")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and WORDS.fullmatch(node.value):
            yield from node.value.split("__")


def test_notice_lines_of_an_item_are_to_its_left() -> None:
    assert "notice_lines" in reverse_names("casework")


def test_no_look_to_the_left() -> None:
    left = {app: reverse_names(app) - OF_DICTIONARIES for app in LINE[1:]}
    followed = {
        str(path): left.get(path.parts[0], set()) & set(looked_up(tree)) for path, tree in TREES.items()
    }

    assert {path: names for path, names in followed.items() if names} == {}
