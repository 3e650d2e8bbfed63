"""The letters of a freshly migrated database, from the folders of `wording`, each as version 1.

Where nobody has written a version of their own, what a new release says otherwise becomes the next version.
"""

from datetime import UTC, datetime
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.utils import timezone

from notices import wording

EVER = datetime(2000, 1, 1, tzinfo=UTC)  # also letters of recorded histories can be read anew


def load_after_migrate(using: str, apps: Apps = installed, **_: Any) -> None:
    """Run after `migrate` and after a test's flush; adds the letters that are missing."""
    try:
        model = apps.get_model("notices", "LetterVersion")
    except LookupError:
        return
    rows = model.objects.using(using)
    newest = {}
    own = set()
    for row in rows.filter(platform=None).order_by("number"):
        key = (row.kind, row.letter, row.language)
        newest[key] = row
        if not row.shipped:
            own.add(key)
    now = timezone.now()
    made = []
    for text in wording.shipped():
        key = (text.kind, text.letter, text.language)
        last = newest.get(key)
        if key in own or (last and (last.subject, last.body) == (text.subject, text.body)):
            continue
        made.append(
            model(
                **vars(text), shipped=True, number=last.number + 1 if last else 1, written_at=now,
                in_force_from=now if last else EVER,
            )
        )  # fmt: skip
    rows.bulk_create(made)
