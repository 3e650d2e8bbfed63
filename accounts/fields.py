"""The fields of every form of ours that hold a time or a long text, with the limits of every input."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts import limits

DAYS = ("%Y-%m-%d", "%d/%m/%Y")
TWICE = (
    "The clocks go back that night, so {time} comes twice. Write {first} for the first ({early}), or {second} "
    "for the second ({late})."
)
NEVER = (
    "The clocks go forward from {before} to {after} that night, so there is no {time}. Choose a time before "
    "{before}, or from {after}."
)


class LongTextField(forms.CharField):
    """A text of paragraphs; longer than `max_length` is refused, and nothing is cut off on the way."""

    def __init__(self, *, max_length: int = limits.LONGEST_TEXT, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.Textarea, **kwargs})
        self.max_length = max_length
        self.validators.append(MaxLengthValidator(max_length, message=limits.too_long(max_length)))

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Without `maxlength`, with which a browser cuts off the end of what is pasted, and says nothing."""
        return {}


class DayField(forms.DateField):
    """A day of the years 2000 to 2100; by hand, day before month, as people in Britain write it."""

    input_formats = DAYS

    def validate(self, value: date | None) -> None:
        super().validate(value)
        _within_limits(value)


class MomentField(forms.DateTimeField):
    """A time in the zone of the page, or with an offset; of the years 2000 to 2100."""

    input_formats = tuple(f"{day} {time}" for day in DAYS for time in ("%H:%M:%S", "%H:%M"))

    def to_python(self, value: Any) -> datetime | None:
        try:
            return super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone" or not error.params:
                raise
            raise ValidationError(clock_change(error.params["datetime"]), code=error.code) from None

    def validate(self, value: datetime | None) -> None:
        super().validate(value)
        _within_limits(value)


def clock_change(local: datetime) -> str:
    """What to do about a time, without zone, that comes twice in the page's zone or not at all."""
    first, second = _readings(local)
    if wrong := limits.far_off(first):
        return wrong
    words = {"time": f"{local:%H:%M}"}
    if is_twice(local):
        words |= {"first": first.isoformat(timespec="minutes"), "early": f"{first:%Z}"}
        words |= {"second": second.isoformat(timespec="minutes"), "late": f"{second:%Z}"}
        return TWICE.format(**words)
    before = local.replace(minute=0)
    after = before + abs(_offset(first) - _offset(second))
    return NEVER.format(**words, before=f"{before:%H:%M}", after=f"{after:%H:%M}")


def is_twice(local: datetime) -> bool:
    """Whether a time without zone comes twice in the page's zone, because the clocks go back."""
    first, second = map(_offset, _readings(local))
    return first > second


def needs_offset(text: str) -> bool:
    """Whether a time, as written, says its offset or would have to: a browser's picker can do neither."""
    try:
        at = parse_datetime(text.strip())
    except ValueError:
        return False
    if at is None:
        return False
    return timezone.is_aware(at) or is_twice(at)


def _readings(local: datetime) -> tuple[datetime, datetime]:
    """A time without zone as it is read before, and after, the clocks change."""
    zone = timezone.get_current_timezone()
    return local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)


def _offset(at: datetime) -> timedelta:
    return at.utcoffset() or timedelta(0)


def _within_limits(value: date | datetime | None) -> None:
    if value is not None and (wrong := limits.far_off(value)):
        raise ValidationError(wrong, code="far_off")
