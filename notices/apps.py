from django.apps import AppConfig
from django.db.models.signals import post_migrate

from notices import reference


class NoticesConfig(AppConfig):
    """Letters to platforms about items, their delivery, and the answers."""

    name = "notices"

    def ready(self) -> None:
        post_migrate.connect(reference.load_after_migrate, sender=self)
