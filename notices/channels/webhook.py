"""Webhooks are not sent yet: a notice over one is refused, so that none waits for ever."""

REFUSAL = "Notices cannot leave by webhook yet; choose mail, the portal or delivery by hand."
