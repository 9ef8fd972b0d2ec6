"""What a page says of itself: bytes in, facts out. Pure: no I/O, no clock.

    page = read_page(body, url, charset)        # Page, never raises
    scanner = PageScanner(url, charset)         # for the reader of a stream
    enough = scanner.feed(chunk)                # True: further bytes would not change the facts
    page = scanner.page()
    facts = read_file(head, tail, size, type)   # FileFacts | None: an image, video, audio file or PDF
    reply = read_oembed(json_object, url)       # OEmbed | None: the fields of a reply, never its markup
    page = with_oembed(page, reply)             # fills what the page left open

`body` is the page without transfer and content encodings, cut off where the reader stopped; `url` the address
that answered, against which relative addresses are resolved; `charset` the label of the HTTP header, if it
had one. `page.wall` says why a page is no content; `page.refresh` where it sends its reader by itself.
"""

from unfurler.sdk.page.files import FileFacts, FileKind, read_file
from unfurler.sdk.page.model import Image, Page, Refresh, Wall
from unfurler.sdk.page.oembed import OEmbed, read_oembed, with_oembed
from unfurler.sdk.page.reading import read_page
from unfurler.sdk.page.scanner import PageScanner

__all__ = [
    "FileFacts",
    "FileKind",
    "Image",
    "OEmbed",
    "Page",
    "PageScanner",
    "Refresh",
    "Wall",
    "read_file",
    "read_oembed",
    "read_page",
    "with_oembed",
]
