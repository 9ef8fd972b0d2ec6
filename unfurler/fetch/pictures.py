"""A picture from elsewhere made anew: its kind proved by its bytes, its pixels written again, and nothing else."""

from __future__ import annotations

import io
import threading
import warnings

from PIL import Image

from unfurler.sdk.errors import LimitExceeded, UpstreamOdd

MAX_BYTES = 5_242_880
MAX_PIXELS = 25_000_000
MAX_SIDE_PX = 1_600
_KINDS = ("PNG", "JPEG", "GIF", "WEBP")


# One at a time: each takes some hundred megabytes for a moment.
_TURN = threading.Lock()


def reencoded(body: bytes) -> tuple[bytes, str]:
    """A PNG or JPEG of the first frame, and its media type. Raises UpstreamOdd, LimitExceeded."""
    with _TURN, warnings.catch_warnings():
        # Our own limit is judged below, before a pixel is read.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            return _made_anew(body)
        except LimitExceeded:
            raise
        except Exception:  # a decoder of foreign bytes fails in many ways; each means the same
            raise UpstreamOdd("The file is no picture that is shown.", reason="not-a-picture") from None


def _made_anew(body: bytes) -> tuple[bytes, str]:
    opened = Image.open(io.BytesIO(body), formats=_KINDS)
    if opened.width * opened.height > MAX_PIXELS:
        raise LimitExceeded("The picture has too many pixels.", limit="picture_pixels")
    opaque = opened.mode in ("RGB", "L", "CMYK", "YCbCr")
    picture = opened.convert("RGB" if opaque else "RGBA")
    picture.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
    # Comments and profiles would be written along.
    picture.info = {}
    made = io.BytesIO()
    picture.save(made, "JPEG" if opaque else "PNG")
    return made.getvalue(), "image/jpeg" if opaque else "image/png"
