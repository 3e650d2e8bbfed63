"""The Celery application and the beat table: the clock that looks for due rows, never their memory."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("takedown_desk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "send queued notices": {"task": "notices.tasks.send_queued", "schedule": 5.0},
    "note notices without answer": {"task": "notices.tasks.note_silence", "schedule": 300.0},
    "read mail that came in": {"task": "notices.tasks.read_mail", "schedule": 5.0},
    "chase what is overdue": {"task": "notices.tasks.chase", "schedule": 300.0},
    "note what falls due": {"task": "notices.tasks.note_turns", "schedule": 60.0},
    "send the daily mails": {"task": "notices.tasks.send_digests", "schedule": 300.0},
    "close watched items": {"task": "casework.tasks.close_watched", "schedule": 300.0},
    "plan looks": {"task": "casework.tasks.plan_looks", "schedule": 10.0},
    "resume imports": {"task": "casework.tasks.resume_imports", "schedule": 60.0},
    "read the network again": {"task": "casework.tasks.read_network_again", "schedule": 10.0},
    "read addresses anew": {"task": "casework.tasks.reread_items", "schedule": 60.0},
    "stamp exhibits": {"task": "casework.tasks.stamp_exhibits", "schedule": 60.0},
    "clear files that no finding names": {"task": "casework.tasks.clear_unnamed_files", "schedule": 3600.0},
    "seal the histories": {"task": "casework.tasks.seal_history", "schedule": 10.0},
    "refresh what figures are read from": {"task": "reports.tasks.refresh_projection", "schedule": 10.0},
    "resume jobs": {"task": "reports.tasks.resume_jobs", "schedule": 60.0},
    "prepare scheduled editions": {"task": "reports.tasks.prepare_editions", "schedule": 900.0},
}
