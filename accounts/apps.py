from django.apps import AppConfig
from django.db.models.signals import post_migrate

from accounts.privileges import grant_after_migrate


class AccountsConfig(AppConfig):
    """People, roles, tokens; lowest in the line, because every record names a person."""

    name = "accounts"

    def ready(self) -> None:
        post_migrate.connect(grant_after_migrate, sender=self)
