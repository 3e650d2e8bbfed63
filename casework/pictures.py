"""Which files are pictures: told by opening them under limits, never by their names."""

import io
import struct
import warnings

from django.template.defaultfilters import filesizeformat
from PIL import Image, ImageFile, UnidentifiedImageError

MOST_PIXELS = 50_000_000
EDGE = 360  # to which a large JPEG is reduced while it is read, where nobody needs more
SCREENSHOTS = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "WEBP": "image/webp"}
MEDIA_TYPES = {**SCREENSHOTS, "GIF": "image/gif", "BMP": "image/bmp"}
BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
)
# How files begin that people take for a screenshot, and what to call them.
BEGINNINGS = (
    (b"%PDF-", "a PDF"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x00\x00\x00", "a video, or a picture as telephones keep it (HEIC)"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
)
WORDS = ((b"<svg", "a drawing (SVG)"), (b"<html", "a web page"), (b"<!doctype html", "a web page"))


class NotAPicture(Exception):
    """The file does not open as a picture; says what it is instead."""


def read(content: bytes, mode: str = "L", edge: int = EDGE) -> tuple[str, Image.Image]:
    """The media type, and the picture in grey or another mode of Pillow's; raises `NotAPicture` for what is none."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint switches it on, for the whole process
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            formats = [name for name in MEDIA_TYPES if name != "MPO"]  # which is found among the JPEGs
            with Image.open(io.BytesIO(content), formats=formats) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise NotAPicture(
                        f"a picture of {picture.width:,} × {picture.height:,} pixels (at most {MOST_PIXELS:,})"
                    )
                media_type = MEDIA_TYPES[picture.format or ""]
                picture.draft(mode, (edge, edge))
                return media_type, picture.convert(mode)
    except UnidentifiedImageError as error:
        raise NotAPicture(_named(content)) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAPicture(f"a picture of more than {MOST_PIXELS:,} pixels") from error
    except BROKEN as error:  # what Pillow raises for broken pictures
        raise NotAPicture("a picture that is broken or cut off") from error


def media_type(content: bytes) -> str:
    """Of a picture that opens; "" for anything else."""
    try:
        return read(content)[0]
    except NotAPicture:
        return ""


def _named(content: bytes) -> str:
    for beginning, name in BEGINNINGS:
        if content.startswith(beginning):
            return name
    text = content[:1024].lower()
    return next((name for word, name in WORDS if word in text), "no picture that can be opened")


def must_be_screenshot(content: bytes, filename: str) -> str:
    """The media type; raises `NotAPicture` with a sentence that names what was sent and what is accepted."""
    try:
        found = read(content)[0]
        said = "" if found in SCREENSHOTS.values() else f"a {found.removeprefix('image/').upper()} picture"
    except NotAPicture as error:
        said = str(error)
    if said:
        size = filesizeformat(len(content)).replace("\xa0", " ")
        raise NotAPicture(
            f"“{filename}” ({size}) is {said}. A screenshot is a PNG, JPEG or WebP picture that opens."
        )
    return found
