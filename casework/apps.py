from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

from casework import reference


class CaseworkConfig(AppConfig):
    """Cases, items, assessments, evidence, holds, checks, episodes, events."""

    name = "casework"

    def ready(self) -> None:
        autodiscover_modules("objections")
        post_migrate.connect(reference.load_after_migrate, sender=self)
