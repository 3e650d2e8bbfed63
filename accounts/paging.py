"""How the API pages through lists: by cursor, so that new rows never shift a page."""

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class CreatedCursor(CursorPagination):
    """Newest first by primary key; `page_size` up to 500."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Refuse a made-up position here, with 404, rather than in the database."""
        cursor = super().decode_cursor(request)
        if cursor and cursor.position is not None and not cursor.position.isdecimal():
            raise NotFound(self.invalid_cursor_message)
        return cursor


class PositionCursor(CreatedCursor):
    """In the order of the lines of one notice."""

    ordering = "position"
