"""What is taken from an oEmbed reply."""

from unfurler.sdk.page import Image, OEmbed, read_oembed, read_page, with_oembed

URL = "https://video.example/watch/1"


def test_texts_and_the_thumbnail_are_taken_and_markup_never() -> None:
    reply = {
        "type": "video", "version": "1.0", "title": "Low &amp; high <b>water</b>", "author_name": "Ida L.",
        "provider_name": "Video Example", "html": "<script>alert(1)</script>", "width": 480,
        "thumbnail_url": "/t/1.jpg", "thumbnail_width": 480, "thumbnail_height": "270",
    }  # fmt: skip
    picture = Image("https://video.example/t/1.jpg", 480, 270)
    assert read_oembed(reply, URL) == OEmbed("video", "Low & high <b>water</b>", "Ida L.", "Video Example", picture)


def test_a_photo_is_its_own_picture() -> None:
    found = read_oembed({"type": "photo", "url": "https://p.example/1.jpg", "width": 640, "height": 480}, URL)
    assert found == OEmbed("photo", image=Image("https://p.example/1.jpg", 640, 480))


def test_odd_replies_are_none_or_empty() -> None:
    assert read_oembed({}, URL) is None
    assert read_oembed({"type": ["video"]}, URL) is None
    odd = {
        "type": "rich",
        "title": 5,
        "author_name": None,
        "thumbnail_url": "javascript:x",
        "thumbnail_width": -1,
    }
    assert read_oembed(odd, URL) == OEmbed("rich")


def test_the_page_itself_goes_first() -> None:
    page = read_page(b"<title>From the page</title>", URL)
    merged = with_oembed(page, OEmbed("video", title="From oEmbed", author="Ida L."))
    assert (merged.title, merged.author, merged.kind) == ("From the page", "Ida L.", "video")
