"""JSON as the API reads it: no larger than an upload may be, and no deeper than any input of ours."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 20  # our inputs need three levels
TOO_DEEP = f"The JSON is nested too deeply: at most {DEEPEST} levels."


class BoundedJSONParser(JSONParser):
    """Raises `ParseError` (400) for what is nested too deeply, `RequestDataTooBig` (413) for what is too large."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        sent = stream.read(most + 1)
        if len(sent) > most:
            raise RequestDataTooBig(f"The request is larger than {most:,} bytes. Divide it.")
        try:
            value = super().parse(BytesIO(sent), media_type, parser_context)
        except RecursionError:
            raise ParseError(TOO_DEEP) from None
        if is_deep(value):
            raise ParseError(TOO_DEEP)
        return value


def is_deep(value: Any) -> bool:
    """Whether more than `DEEPEST` lists and objects stand in one another; looked at level by level."""
    level = [value]
    for _ in range(DEEPEST):
        level = [part for whole in level for part in _parts(whole)]
        if not level:
            return False
    return any(isinstance(part, list | dict) for part in level)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
