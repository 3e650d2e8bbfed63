"""The platform records of a freshly migrated database, from the rule files and `directory.toml`.

What an administrator has changed since is left alone: only missing rows are added.
"""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps

from platforms import recognition

# What is assumed from the beginning was known from the beginning: figures as known then do not miss it.
KNOWN = {"Commitment": {"recorded_at": datetime(2000, 1, 1, tzinfo=UTC)}}
DIRECTORY = Path(__file__).parent / "directory.toml"


def load_after_migrate(using: str, apps: Apps = installed, **_: Any) -> None:
    """Run after `migrate` (and after a test's flush); adds the platforms, channels and commitments not yet there."""
    try:
        names = ("Platform", "Channel", "Commitment", "PolicyClause")
        models = {name: apps.get_model("platforms", name) for name in names}
    except LookupError:
        return
    directory = tomllib.loads(DIRECTORY.read_text(encoding="utf-8"))
    known = set(models["Platform"].objects.using(using).values_list("slug", flat=True))
    added = (
        models["Platform"]
        .objects.using(using)
        .bulk_create(
            models["Platform"](
                slug=rules.slug,
                name=rules.name,
                confirm_hours=rules.confirm_hours,
                watch_days=rules.watch_days,
            )
            for rules in recognition.platforms()
            if rules.slug not in known
        )
    )
    for platform in added:
        entry = directory["platform"].get(platform.slug, {})
        defaults = directory["default"]
        for name, key in (
            ("Channel", "channels"),
            ("Commitment", "commitments"),
            ("PolicyClause", "policy_clauses"),
        ):
            models[name].objects.using(using).bulk_create(
                models[name](platform=platform, **row, **KNOWN.get(name, {}))
                for row in entry.get(key, defaults.get(key, []))
            )
