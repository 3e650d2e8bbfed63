"""`add_person EMAIL --role ROLE`: somebody who may sign in (interfaces.md, section 2)."""

import json
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from platforms.models import Platform


class Command(BaseCommand):
    help = "Add a person; without a password they cannot sign in until one is set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument(
            "--platform", action="append", default=[], help="Slug; for a liaison, may be repeated."
        )
        parser.add_argument("--name", default="")
        parser.add_argument(
            "--password-stdin", action="store_true", help="Read the password from standard input."
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["platform"] and options["role"] != Role.LIAISON:
            raise CommandError("Only a liaison belongs to a platform.", returncode=2)
        try:
            password = None
            if options["password_stdin"]:
                password = sys.stdin.readline().rstrip("\n")
                validate_password(password)
            platforms = [self._platform(slug) for slug in options["platform"]]
            with transaction.atomic():
                person = User.objects.add(
                    options["email"], role=Role(options["role"]), name=options["name"], password=password
                )
                for platform in platforms:
                    platform.liaisons.add(person)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=1) from error
        if options["format"] == "json":
            self.stdout.write(json.dumps({"email": person.email, "role": person.role, "name": person.name}))
        else:
            self.stdout.write(f"{person.email} added as {person.get_role_display().lower()}.")

    def _platform(self, slug: str) -> Platform:
        try:
            return Platform.objects.get(slug=slug)
        except Platform.DoesNotExist:
            known = ", ".join(Platform.objects.values_list("slug", flat=True))
            raise CommandError(f"Platform {slug!r} is not known; use one of {known}.", returncode=1) from None
