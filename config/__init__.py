"""The composition root: settings, addresses, the API's router, the clock and the embedded run."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
