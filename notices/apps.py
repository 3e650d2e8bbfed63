from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Letters to platforms about items, their delivery, and the answers."""

    name = "notices"
