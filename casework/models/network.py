"""What joins items to each other. Derived from items and exhibits, and made anew where the rules change."""

from typing import ClassVar

from django.db import models

from casework.models.case import Casework
from casework.models.constraints import one_of
from casework.models.item import Item
from platforms import recognition
from platforms.models import Platform

PLATFORM_NAMES = {platform.slug: platform.name for platform in recognition.platforms()}


class Account(models.Model):
    """Whoever publishes on one platform, by what its addresses call them: a name and a number are two accounts."""

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="+")
    namespace = models.CharField(
        max_length=40, help_text="What the identifier is unique in, as recognition says."
    )
    identifier = models.CharField(max_length=300)

    objects = Casework.as_manager()

    class Meta:
        ordering: ClassVar = ["identifier", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform", "namespace", "identifier"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message="There is a record of this account already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.identifier} on {self.platform}"


class SelectorKind(models.TextChoices):
    TELEPHONE = "telephone", "Telephone number"
    HANDLE = "handle", "Handle"
    EMAIL = "email", "E-mail address"
    WALLET = "wallet", "Wallet"
    INVITE = "invite", "Invitation"


class Selector(models.Model):
    """A telephone number, handle, e-mail address, wallet or invitation, in the one form that all spellings share."""

    kind = models.CharField(max_length=10, choices=SelectorKind.choices)
    scope = models.CharField(
        max_length=40, blank=True, help_text="Platform of a handle or invitation, chain of a wallet."
    )
    value = models.CharField(max_length=300)

    objects = Casework.as_manager()

    class Meta:
        ordering: ClassVar = ["kind", "value", "scope"]
        constraints: ClassVar = [
            one_of("kind", SelectorKind),
            models.UniqueConstraint(
                fields=["kind", "value", "scope"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message="This selector is there already.",
            ),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def of(self) -> str:
        """The name of the platform, or the chain."""
        return PLATFORM_NAMES.get(self.scope, self.scope.capitalize())


class Place(models.TextChoices):
    """Where in an item a selector stands."""

    TITLE = "title", "Title"
    NOTE = "note", "Internal note"
    CAPTURE = "capture", "Exhibit"
    ADDRESS = "address", "Address"


class Mention(models.Model):
    """That a selector stands in one item's title, note, exhibit or address; internal like the note."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="mentions", db_index=False)
    selector = models.ForeignKey(Selector, models.PROTECT, related_name="mentions", db_index=False)
    place = models.CharField(max_length=10, choices=Place.choices)
    snippet = models.CharField(max_length=200, blank=True, help_text="The words around it.")

    objects = Casework.as_manager()

    class Meta:
        ordering: ClassVar = ["item", "place", "pk"]
        constraints: ClassVar = [
            one_of("place", Place),
            models.UniqueConstraint(
                fields=["item", "selector", "place"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message="This mention is there already.",
            ),
        ]
        indexes: ClassVar = [
            # the items of a selector, and their number, from the index alone
            models.Index(fields=["selector", "item"], name="mention_selector"),
        ]

    def __str__(self) -> str:
        return f"{self.selector} in {self.item}"


class NetworkSweep(models.Model):
    """How far the items that were there before have been read again by the rules of one version."""

    version = models.CharField(max_length=40, unique=True)
    upto = models.BigIntegerField(default=0, help_text="Items with an id up to this have been read.")
    until = models.BigIntegerField(help_text="The last item that was there when the sweep began.")

    def __str__(self) -> str:
        return f"{self.version}: {self.upto} of {self.until}"
