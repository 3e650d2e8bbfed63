from django.apps import AppConfig
from django.db.models.signals import post_migrate

from casework import reference


class CaseworkConfig(AppConfig):
    """Cases, items, assessments, evidence, holds, checks, episodes, events."""

    name = "casework"

    def ready(self) -> None:
        post_migrate.connect(reference.load_after_migrate, sender=self)
