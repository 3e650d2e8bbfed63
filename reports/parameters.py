"""Forms that an address fills in: it is read whole or refused, so that what is sent means what it says."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict


def given_twice(sent: QueryDict) -> list[str]:
    """The names of the parameters that have more than one value."""
    return [name for name in sent if len(sent.getlist(name)) > 1]


def misread(sent: QueryDict, known: Iterable[str]) -> list[str]:
    """What is wrong with the names of an address's parameters: nothing goes by them, or they stand there twice."""
    names = list(known)
    return [
        *(f"“{name}” is not known here: use {', '.join(names)}." for name in sent if name not in names),
        *(f"“{name}” is given twice: give it once." for name in given_twice(sent)),
    ]


class AddressForm(forms.Form):
    """A form of an address; `also` are the parameters that its page knows beside the fields."""

    also: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        for wrong in self.misread:
            self.add_error(None, wrong)
        return sent

    @property
    def misread(self) -> list[str]:
        """What is wrong with the parameters' names."""
        if not isinstance(self.data, QueryDict):
            return []
        return misread(self.data, [*map(self.add_prefix, self.fields), *self.also])

    @property
    def status(self) -> int:
        """The answer to a form that is not valid: the address cannot be read, or a value in it is wrong."""
        return HTTPStatus.BAD_REQUEST if self.misread else HTTPStatus.UNPROCESSABLE_ENTITY

    def wrong(self) -> str:
        """What is wrong, for a page without the form: each parameter with its problems."""
        return " ".join(
            f"{'' if name == NON_FIELD_ERRORS else f'{self.add_prefix(name)}: '}{told}"
            for name, problems in self.errors.items()
            for told in problems
        )
