"""What can be asked for in words: by page, API and command alike."""

from reports.facts import check_groupings


def groupings(text: str) -> list[str]:
    """The groupings named, with commas; raises `ValueError` for one that is not known, or is named twice."""
    names = [name for name in text.split(",") if name]
    check_groupings(names)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"Group by {', '.join(twice)} once only.")
    return names
