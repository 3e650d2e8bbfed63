"""How an original is handed out: as a file to keep, never as a page to open."""

from django.http import FileResponse, Http404

from casework import evidence
from casework.models import Evidence


def original(exhibit: Evidence) -> FileResponse:
    """The exhibit byte for byte, always as a download: a browser is never asked to show it."""
    try:
        file = evidence.open_exhibit(exhibit)
    except FileNotFoundError as missing:
        raise Http404("The file of this exhibit is missing.") from missing
    response = FileResponse(
        file, as_attachment=True, filename=exhibit.filename, content_type="application/octet-stream"
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
