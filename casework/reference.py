"""The categories and legal grounds of a freshly migrated database, from `taxonomy.toml`; only missing rows
are added."""

import tomllib
from pathlib import Path
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps

TAXONOMY = Path(__file__).parent / "taxonomy.toml"


def load_after_migrate(using: str, apps: Apps = installed, **_: Any) -> None:
    """Run after `migrate` and after a test's flush."""
    try:
        category, ground = apps.get_model("casework", "Category"), apps.get_model("casework", "Ground")
    except LookupError:
        return
    taxonomy = tomllib.loads(TAXONOMY.read_text(encoding="utf-8"))
    known = {row.slug: row for row in category.objects.using(using).all()}
    for parent in (None, *taxonomy["category"]):
        entries = taxonomy["category"] if parent is None else taxonomy["category"][parent]["children"]
        for slug, entry in entries.items():
            if slug not in known:
                name = entry["name"] if isinstance(entry, dict) else entry
                known[slug] = category.objects.using(using).create(
                    slug=slug, name=name, parent=known[parent] if parent else None
                )
    ground.objects.using(using).bulk_create(
        (ground(slug=slug, **entry) for slug, entry in taxonomy["ground"].items()), ignore_conflicts=True
    )
