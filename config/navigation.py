"""The primary navigation of a page, by what the person may do."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.roles import Permission, Role, can
from notices import contacts, notifications

Entry = tuple[str, str, int | None, bool]
# Label, name of the page, and who has a use for it: any of these permissions.
PLACES: tuple[tuple[str, str, tuple[Permission, ...]], ...] = (
    ("Work", "home", (Permission.IDENTIFY_ITEM,)),
    ("Cases", "casework:case_list", (Permission.SEE_CASEWORK,)),
    ("Items", "casework:item_list", (Permission.SEE_CASEWORK,)),
    ("Network", "casework:network", (Permission.SEE_CASEWORK,)),
    ("Notices", "notices:notice_list", (Permission.SEE_CASEWORK, Permission.ANSWER_NOTICE)),
    ("Mail", "notices:incoming_list", (Permission.SEE_CASEWORK,)),
    ("Letters", "notices:letter_list", (Permission.WRITE_LETTERS,)),
    ("Figures", "reports:rates", (Permission.SEE_FIGURES,)),
    ("People", "accounts:people", (Permission.MANAGE_PEOPLE,)),
    (
        "Platforms",
        "platforms:platform_list",
        (Permission.SEE_CASEWORK, Permission.ANSWER_NOTICE, Permission.MANAGE_PLATFORMS),
    ),
    ("Checkers", "casework:checker_list", (Permission.MANAGE_PLATFORMS, Permission.SEE_EVENTS)),
    ("Tokens", "accounts:tokens", tuple(Permission)),
)


def navigation(request: HttpRequest) -> dict[str, object]:
    """`navigation` as label, address, count and whether it is the current place; and the product's version.

    Counted when the page shows it: a page that says what went wrong asks the database nothing.
    """
    user = getattr(request, "user", None)
    entries: object = SimpleLazyObject(lambda: _all(user, request.path)) if isinstance(user, User) else []
    return {"navigation": entries, "version": settings.VERSION}


def _all(user: User, path: str) -> list[Entry]:
    entries = _entries(user, path)
    if notifications.wants(user):
        label, address, _, current = _entry("News", "notices:notification_list", path)
        entries.insert(1, (label, address, notifications.count(user), current))
    if user.role == Role.LIAISON and can(user, Permission.CARE_CONTACTS):
        entries = [_with_count(each, user) if each[0] == "Platforms" else each for each in entries]
    if entries and settings.MAIL_FOLDER.is_dir() and can(user, Permission.SEND_NOTICE):
        entries.insert(-1, _entry("Mail sink", "notices:mail_list", path))
    return entries


def _entries(user: User, path: str) -> list[Entry]:
    return [
        _entry(label, name, path)
        for label, name, permissions in PLACES
        if any(can(user, each) for each in permissions)
    ]


def _entry(label: str, name: str, path: str) -> Entry:
    address = reverse(name)
    return label, address, None, path == address or (address != "/" and path.startswith(address))


def _with_count(entry: Entry, liaison: User) -> Entry:
    """How many of their contacts are to be confirmed."""
    label, address, _, current = entry
    return label, address, contacts.to_confirm(liaison, timezone.now()).count(), current
