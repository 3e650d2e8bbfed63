from django.apps import AppConfig
from django.core.checks import Tags, register

from config.policies import every_route_has_a_policy


class SiteConfig(AppConfig):
    """The site as a whole: what must hold over all apps before anything starts."""

    name = "config"

    def ready(self) -> None:
        register(every_route_has_a_policy, Tags.urls)
