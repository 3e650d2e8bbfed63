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
    DISPUTE = "dispute", "Dispute"
    ENQUIRY = "enquiry", "Enquiry"


# Kinds that ask the platform to remove something: only these touch items, episodes and clocks.
REMOVALS = (NoticeKind.NOTICE, NoticeKind.CHASER, NoticeKind.ESCALATION)
# Kinds about answers that our looks do not agree with: says removed, we see it; says kept, we do not see it.
DISPUTES = (NoticeKind.DISPUTE, NoticeKind.ENQUIRY)
# Kinds that are not answered themselves: they tell the platform something, or what they ask is answered elsewhere.
TELLING = (NoticeKind.WITHDRAWAL, NoticeKind.CORRECTION, *DISPUTES)
