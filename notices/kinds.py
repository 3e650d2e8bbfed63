"""The kinds of letters; needs no tables, so that it can be read before there are any."""

from django.db import models

GENERAL = "general"  # the letter that fits any ground


class NoticeKind(models.TextChoices):
    NOTICE = "notice", "Notice"
    CHASER = "chaser", "Chaser"
    ESCALATION = "escalation", "Escalation"
    WITHDRAWAL = "withdrawal", "Withdrawal"
    CORRECTION = "correction", "Correction"
    PRESERVATION = "preservation", "Preservation request"


# Kinds that ask the platform to remove something: only these touch items, episodes and clocks.
REMOVALS = (NoticeKind.NOTICE, NoticeKind.CHASER, NoticeKind.ESCALATION)
# Kinds that tell the platform something, and ask for no answer.
TELLING = (NoticeKind.WITHDRAWAL, NoticeKind.CORRECTION)
