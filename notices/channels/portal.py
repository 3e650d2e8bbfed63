"""The portal: recorded as sent, a notice stands in the liaison's queue; nothing leaves the database."""

RECEIPT = "In the platform's queue"
