"""How the API pages through lists: by cursor, so that new rows never shift a page."""

from rest_framework.pagination import CursorPagination


class CreatedCursor(CursorPagination):
    """Newest first by primary key; `page_size` up to 500."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
