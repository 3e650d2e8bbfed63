"""Constraints that many models share, made in one place."""

from django.db import models
from django.db.models import Q


def one_of(field: str, choices: type[models.Choices], *, blank: bool = False) -> models.CheckConstraint:
    """The column holds a value of the choices (choices alone bind forms, not the database)."""
    values = ["", *choices.values] if blank else list(choices.values)
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": values}),
        name=f"%(app_label)s_%(class)s_{field}",
        violation_error_message=f"The {field.replace('_', ' ')} is not one of the known ones.",
    )


def paired(prefix: str) -> models.CheckConstraint:
    """`<prefix>_at` and `<prefix>_by` are both there or both missing."""
    at, by = f"{prefix}_at__isnull", f"{prefix}_by__isnull"
    return models.CheckConstraint(
        condition=Q(**{at: True, by: True}) | Q(**{at: False, by: False}),
        name=f"%(app_label)s_%(class)s_{prefix}_paired",
        violation_error_message=f"“{prefix.replace('_', ' ')}” needs both when and by whom.",
    )
