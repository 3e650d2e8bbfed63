"""A small, grey, blurred picture of an exhibit, so that nothing distressing opens by accident."""

import io

from PIL import ImageFilter

from casework import pictures

BLUR = 9
WIDEST, TALLEST = 1280, 5000  # pixels of a copy to look at


def blurred(content: bytes) -> bytes | None:
    """A PNG of at most 360 pixels a side; None for what is no picture, is broken, or is too large to open."""
    try:
        _, grey = pictures.read(content)
    except pictures.NotAPicture:
        return None
    grey.thumbnail((pictures.EDGE, pictures.EDGE))
    stream = io.BytesIO()
    grey.filter(ImageFilter.GaussianBlur(BLUR)).save(stream, "PNG")
    return stream.getvalue()


def clear(content: bytes) -> bytes | None:
    """A copy to look at, made anew and so without what else was in the file; None as for `blurred`."""
    try:
        _, picture = pictures.read(content, "RGB", WIDEST)
    except pictures.NotAPicture:
        return None
    picture.thumbnail((WIDEST, TALLEST))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()
