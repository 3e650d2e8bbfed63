"""`demo`: fill an empty database with demonstration data; `demo --accounts` prints who can sign in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from casework.models import Case, Item
from casework.sealing import seal_and_tell
from config.demonstration import cast, pretending
from config.demonstration.story import Story
from notices.models import Notice


class Command(BaseCommand):
    help = "Make demonstration data: half a year of a referral centre's work."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", action="store_true", help="Only print the demonstration accounts.")
        parser.add_argument("--items", type=int, default=400, help="How many items are identified.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["accounts"]:
            if Case.objects.exists():
                raise CommandError(
                    "There are cases already; demonstration data is made in an empty database only."
                )
            people = cast.assemble()
            now = timezone.now()
            story = Story(people, until=now, items=options["items"])
            story.live()
            pretending.prepare(settings.DATA_DIR, story.watch.truths, at=now, by=people["administrator"])
            seal_and_tell(self.stderr.write)
            self.stdout.write(f"{Item.objects.count()} items, {Notice.objects.count()} notices.")
        for line in cast.accounts():
            self.stdout.write(line)
