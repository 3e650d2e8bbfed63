from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reads everything, changes nothing: facts, measures, figures, the PDF."""

    name = "reports"
