from django.apps import AppConfig
from django.db.models.signals import post_migrate

from platforms import reference


class PlatformsConfig(AppConfig):
    """Platforms as reference data, kept in step with `platforms/rules/*.toml` at every migration."""

    name = "platforms"

    def ready(self) -> None:
        post_migrate.connect(reference.load_after_migrate, sender=self)
