"""What can be asked for in words: by page, API and command alike."""

from datetime import datetime

from django.utils import timezone

from reports.facts import check_groupings

NOT_YET = "This time has not come yet: choose an earlier one, or leave it out."


def groupings(text: str) -> list[str]:
    """The groupings named, with commas; raises `ValueError` for one that is not known, or is named twice."""
    names = [name for name in text.split(",") if name]
    check_groupings(names)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"Group by {', '.join(twice)} once only.")
    return names


def not_yet(at: datetime) -> str:
    """What is wrong with asking about a time that has not come; else nothing."""
    return NOT_YET if at > timezone.now() else ""
