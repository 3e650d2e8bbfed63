"""How each platform's pages look when an item is gone, blocked or hidden: rules for the checker, kept as data.

`verdicts/<slug>.toml` holds one platform's, in the form that checker/rules.py describes and checks, beside examples
that the tests run. Here they are only read: they travel as JSON in the jobs that the checker takes.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "verdicts"


@cache
def rules(slug: str) -> dict[str, Any] | None:
    """Return the rules of a platform as plain values, without their examples; None: only the general ones hold."""
    content = read(slug)
    return {name: value for name, value in content.items() if name != "examples"} if content else None


def read(slug: str) -> dict[str, Any]:
    """Return a platform's file as it is; empty if there is none."""
    file = FOLDER / f"{slug}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def slugs() -> list[str]:
    return sorted(file.stem for file in FOLDER.glob("*.toml"))
