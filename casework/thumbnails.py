"""A small, grey, blurred picture of an exhibit, so that nothing distressing opens by accident."""

import io
import warnings

from PIL import Image, ImageFilter, UnidentifiedImageError

MOST_PIXELS = 50_000_000
EDGE = 360
BLUR = 9


def blurred(content: bytes) -> bytes | None:
    """A PNG of at most 360 pixels a side; None for what is no picture, is broken, or is too large to open."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP", "BMP")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    return None
                picture.draft("L", (EDGE, EDGE))
                grey = picture.convert("L")
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    except (OSError, ValueError, SyntaxError, EOFError):  # what Pillow raises for broken pictures
        return None
    grey.thumbnail((EDGE, EDGE))
    stream = io.BytesIO()
    grey.filter(ImageFilter.GaussianBlur(BLUR)).save(stream, "PNG")
    return stream.getvalue()
