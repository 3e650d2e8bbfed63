"""Who works at the demonstration desk, and which ways lead to the platforms."""

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from platforms.models import Channel, ChannelKind, Platform

PASSWORD = "takedown-demonstration"  # noqa: S105 - printed for everybody to use
LIAISONS = ("x", "facebook", "instagram", "tiktok", "telegram", "youtube", "snapchat")
BY_MAIL = ("x", "tiktok", "telegram")

ACCOUNTS: tuple[tuple[str, Role, str], ...] = (
    ("officer@desk.example", Role.OFFICER, "Officer"),
    ("officer2@desk.example", Role.OFFICER, "Second officer"),
    ("reviewer@desk.example", Role.REVIEWER, "Reviewer"),
    ("reviewer2@desk.example", Role.REVIEWER, "Second reviewer"),
    ("manager@desk.example", Role.MANAGER, "Manager"),
    ("manager2@desk.example", Role.MANAGER, "Second manager"),
    ("auditor@desk.example", Role.AUDITOR, "Auditor"),
    ("administrator@desk.example", Role.ADMINISTRATOR, "Administrator"),
)


def assemble() -> dict[str, User]:
    """Make the people and channels; returns the people by the part of their address before the @."""
    with transaction.atomic():
        people = {
            email.partition("@")[0]: User.objects.add(email, role=role, name=name, password=PASSWORD)
            for email, role, name in ACCOUNTS
        }
        for platform in Platform.objects.filter(slug__in=LIAISONS):
            liaison = User.objects.add(
                f"liaison@{platform.slug}.example",
                role=Role.LIAISON,
                name=f"Liaison of {platform.name}",
                password=PASSWORD,
            )
            platform.liaisons.add(liaison)
            people[f"liaison-{platform.slug}"] = liaison
        Channel.objects.bulk_create(
            Channel(
                platform=platform, kind=ChannelKind.MAIL, address=f"legal-requests@{platform.slug}.example", rung=2,
                proves_receipt=False,
            )
            for platform in Platform.objects.filter(slug__in=BY_MAIL)
        )  # fmt: skip
    return people


def accounts() -> list[str]:
    """The lines to print: who can sign in, and the password of all of them."""
    addresses = User.objects.filter(email__in=[email for email, _, _ in ACCOUNTS]).order_by("pk")
    liaisons = User.objects.filter(
        role=Role.LIAISON, email__startswith="liaison@", email__endswith=".example"
    )
    people = [*addresses, *liaisons.order_by("pk")]
    lines = [f"  {person.email:<30} {person.name}" for person in people]
    return ["Demonstration accounts, password of all: " + PASSWORD, *lines] if people else []
