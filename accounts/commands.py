"""What every command that people and programs call is built on: its `--format`, and how it refuses.

With `--format json` a refusal is a JSON object on standard output too; its message is on standard error in both.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper

from accounts.models import User

REFUSED, WRONG_ARGUMENTS = 1, 2


class Refused(CommandError):
    """The command was refused, and nothing is stored; `code` is for programs, the message for people.

    `shown`: the command has printed its own document about it.
    """

    def __init__(self, message: str, *, code: str = "refused", shown: bool = False) -> None:
        super().__init__(message, returncode=REFUSED)
        self.code, self.shown = code, shown


class WrongArguments(CommandError):
    """The command was called with arguments that mean nothing."""

    code, shown = "wrong_arguments", False

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=WRONG_ARGUMENTS)


class DeskCommand(BaseCommand):
    """A command with `--format text|json`."""

    as_json = False

    def run_from_argv(self, argv: list[str]) -> None:
        self.as_json = _asks_for_json(argv)
        super().run_from_argv(argv)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--format", choices=["text", "json"], default="text")
        self.parser = parser
        parser.error = self._wrong_arguments(parser.error)  # type: ignore[method-assign, assignment]
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.as_json = options["format"] == "json"
        try:
            if options.get("stdout"):
                self.stdout = OutputWrapper(options["stdout"])
            self._check_readable(options)
            return super().execute(*args, **options)
        except (Refused, WrongArguments) as refusal:
            raise self._told(refusal) from refusal.__cause__
        except ValidationError as error:
            raise self._told(Refused(" ".join(error.messages), code="invalid")) from error
        except PermissionDenied as error:
            raise self._told(Refused(str(error), code="forbidden")) from error

    def print_json(self, document: Any) -> None:
        self.stdout.write(json.dumps(document))

    def _check_readable(self, options: Mapping[str, Any]) -> None:
        """Raise `WrongArguments` for an option without a value, or one that is not text."""
        for name, value in options.items():
            if value == [] and self.parser.get_default(name) != []:  # what “--name=--” becomes
                raise WrongArguments(f"--{name.replace('_', '-')} needs a value: “--” is none.")
            if isinstance(value, str) and _is_undecoded(value):
                raise WrongArguments(f"The argument {name} is not text in UTF-8.")

    def _told(self, refusal: Refused | WrongArguments) -> Refused | WrongArguments:
        """The refusal, once its document is printed."""
        if self.as_json and not refusal.shown:
            self.print_json({"error": {"code": refusal.code, "message": str(refusal)}})
        return refusal

    def _wrong_arguments(self, stop: Callable[[str], NoReturn]) -> Callable[[str], NoReturn]:
        """What the parser does about arguments that mean nothing, after the document."""

        def say_and_stop(message: str) -> NoReturn:
            self._told(WrongArguments(message))
            stop(message)

        return say_and_stop


def acting(email: str) -> User:
    """The person on whose behalf a command runs; raises `Refused`."""
    person = User.objects.filter(email=email.lower()).first()
    if person is None:
        raise Refused(f"Nobody here has the address {email}; see add_person.", code="unknown_person")
    return person


def unreadable(path: Any, error: OSError) -> Refused:
    """The refusal of a file that cannot be opened."""
    return Refused(f"{path}: {error.strerror}", code="unreadable_file")


def _is_undecoded(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _asks_for_json(argv: Sequence[str]) -> bool:
    """As far as it can be told before the arguments are understood."""
    return "--format=json" in argv or ("--format", "json") in pairwise(argv)
