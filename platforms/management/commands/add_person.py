"""`add_person EMAIL --role ROLE`: somebody who may sign in (interfaces.md, section 2)."""

import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.management.base import CommandParser
from django.db import transaction

from accounts.commands import DeskCommand, Refused, WrongArguments
from accounts.models import User
from accounts.roles import PERSONS, Role
from platforms.models import Platform

BELONGS_NOWHERE = (
    "This liaison belongs to no platform and will see nothing: an administrator can give them one at /admin/."
)


class Command(DeskCommand):
    help = "Add a person; without a password they cannot sign in until one is set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", required=True, choices=[role.value for role in PERSONS])
        parser.add_argument(
            "--platform", action="append", default=[], help="Slug; for a liaison, may be repeated."
        )
        parser.add_argument("--name", default="")
        parser.add_argument(
            "--password-stdin", action="store_true", help="Read the password from standard input."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["platform"] and options["role"] != Role.LIAISON:
            raise WrongArguments("Only a liaison belongs to a platform.")
        password = None
        if options["password_stdin"]:
            password = sys.stdin.readline().rstrip("\n")
            validate_password(password)
        platforms = [_platform(slug) for slug in options["platform"]]
        with transaction.atomic():
            person = User.objects.add(
                options["email"], role=Role(options["role"]), name=options["name"], password=password
            )
            for platform in platforms:
                platform.liaisons.add(person)
        self._say(person, [BELONGS_NOWHERE] if person.role == Role.LIAISON and not platforms else [])

    def _say(self, person: User, warnings: list[str]) -> None:
        for warning in warnings:
            self.stderr.write(self.style.WARNING(warning))
        if self.as_json:
            said = {"email": person.email, "role": person.role, "name": person.name}
            self.print_json({**said, **({"warnings": warnings} if warnings else {})})
        else:
            self.stdout.write(f"{person.email} added as {person.get_role_display().lower()}.")


def _platform(slug: str) -> Platform:
    platform = Platform.objects.filter(slug=slug).first()
    if platform is None:
        known = ", ".join(Platform.objects.values_list("slug", flat=True))
        raise Refused(f"Platform {slug!r} is not known; use one of {known}.", code="unknown_platform")
    return platform
