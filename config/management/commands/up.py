"""`python manage.py up`: the whole site on this machine, for a trial or for development."""

import contextlib
import os
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.embedded.problems import CannotRun
from config.embedded.supervisor import Supervisor, Wishes


class Command(BaseCommand):
    help = "Run everything on this machine: database, broker, web server, worker, clock and a mail sink."
    requires_system_checks = []  # they would need the database that this command starts

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--mail-port", type=int, default=int(os.environ.get("MAIL_PORT") or 8025))
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *, port: int, mail_port: int, no_demo: bool, **options: object) -> None:
        wishes = Wishes(
            root=settings.BASE_DIR, port=port, mail_port=mail_port, demo=not no_demo, say=self.say
        )
        try:
            Supervisor(wishes).run()
        except CannotRun as problem:
            raise CommandError(str(problem)) from problem

    def say(self, line: str) -> None:
        """A terminal that has gone away must not keep us from stopping in order."""
        with contextlib.suppress(OSError):
            self.stdout.write(line)
            self.stdout.flush()
