from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reads everything, changes nothing but its own editions: facts, measures, figures, editions, the PDF."""

    name = "reports"
