"""Cards of files that are no page: pictures, video, audio, PDF."""

from __future__ import annotations

from unfurler.sdk import Card, Fact, file_size, plural
from unfurler.sdk.page import FileFacts

_KINDS = {"image": "Image", "video": "Video", "audio": "Audio", "pdf": "PDF"}
_SHOWN_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")


def file_card(found: FileFacts, name: str, host: str, url: str) -> Card:
    """A file: its title, else its name; its kind and measures. A picture is shown itself."""
    measures = [
        _KINDS[found.kind],
        f"{found.width} × {found.height}" if found.width and found.height else "",
        _duration(found.duration_s) if found.duration_s else "",
        plural(found.pages, "page") if found.pages else "",
        file_size(found.size_bytes) if found.size_bytes else "",
        found.author or "",
    ]
    return Card(
        kicker=host,
        title=found.title or name or host,
        facts=[Fact(text) for text in measures if text],
        image=url if found.type in _SHOWN_IMAGES else None,
    )


def _duration(duration_s: float) -> str:
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
