import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from notices.incoming import server


class Command(BaseCommand):
    help = "Take replies and reports by SMTP or LMTP until stopped. Put it behind the mail server that faces the world."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8026)
        parser.add_argument(
            "--lmtp", action="store_true", help="Speak LMTP, as Postfix and Exim do to mailboxes."
        )

    def handle(self, *args: Any, host: str, port: int, lmtp: bool, **options: Any) -> None:
        if not settings.REPLY_DOMAIN:
            raise CommandError(
                "Set REPLY_DOMAIN to the domain of the reply addresses, such as replies.desk.example."
            )
        try:
            asyncio.run(server.serve(host=host, port=port, lmtp=lmtp))
        except OSError as error:
            raise CommandError(f"{host} port {port} cannot be used: {error.strerror}.") from error
