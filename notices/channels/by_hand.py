"""Delivery by a person (a web form, a letter): queued here, and recorded when the person says so."""

RECEIPT = "Delivered by hand"
NOT_DELIVERED = "Could not be delivered by hand"
