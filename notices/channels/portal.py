"""The portal: the notice stands in the liaison's queue as soon as it is recorded as sent; nothing leaves the database."""

RECEIPT = "In the platform’s queue"
