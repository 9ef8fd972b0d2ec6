"""What is taken from a page, and what is not."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from unfurler.sdk.page import Image, Page, Refresh, read_page

URL = "https://site.example/a/page"


def read(head: str, body: str = "", url: str = URL) -> Page:
    return read_page(f"<html><head>{head}</head><body>{body}</body></html>".encode(), url)


@pytest.mark.parametrize(
    "hidden",
    [
        "<svg><title>no</title></svg>",
        "<svg><svg></svg><title>no</title></svg>",
        "<template><title>no</title></template>",
        "<template><template></template><title>no</title></template>",
        "<noscript><title>no</title></noscript>",
        "<textarea><title>no</title></textarea>",
        "<script>'<title>no</title>'</script>",
        "<style>/*<title>no</title>*/</style>",
        "<!-- <title>no</title> -->",
        "<!-- > <title>no</title> -->",
    ],
)
def test_titles_that_are_not_shown_do_not_count(hidden: str) -> None:
    assert read(hidden + "<title>yes</title>").title == "yes"
    assert read("", hidden + "<title>yes</title>").title == "yes"


def test_of_many_titles_the_first_counts() -> None:
    assert read("<title>first</title>" + "<title>next</title>" * 500).title == "first"


def test_of_many_metas_the_first_hundred_count() -> None:
    flood = '<meta name="x" content="y">' * 100
    assert (
        read('<meta property="og:title" content="one">' + flood + '<meta name="author" content="Two Late">').author
        is None
    )
    assert read('<meta property="og:title" content="one">' * 300 + "<title>t</title>").title == "one"


def test_neither_canonical_nor_graph_nor_base_change_the_link() -> None:
    page = read(
        '<base href="https://evil.example/"><link rel="canonical" href="/x"><meta property="og:url" '
        'content="https://b.example/">'
    )
    assert (page.url, page.canonical_url) == (URL, "https://evil.example/x")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:image/png;base64,AA",
        "file:///etc/passwd",
        "ftp://a.example/x.png",
        "https://user:pass@a.example/x.png",
        "https://a.example\\@b.example/x.png",
        "https:///x.png",
        "//",
        "#part",
        "https://a.example/x.svg",
        "https://a.example/x.svg?v=1",
        "https://a.example/" + "x" * 2_048,
        "https://a.exam\x01ple/x.png",
        "https://%61.example/x.png",
        "https://a.example:99999999/x.png",
        "https://[::1/x.png",
    ],
)
def test_addresses_that_are_no_picture_are_refused(address: str) -> None:
    assert read(f'<meta property="og:image" content="{address}">').image is None


def test_a_picture_comes_with_its_size_and_words() -> None:
    head = (
        '<meta property="og:image" content="//cdn.example/p q.jpg"><meta property="og:image:width" '
        'content="1200px">'
        '<meta property="og:image:height" content="630"><meta property="og:image:alt" content="A '
        '&amp;quot;pier&amp;quot;">'
    )
    assert read(head).image == Image("https://cdn.example/p%20q.jpg", 1200, 630, 'A "pier"')


def test_a_picture_that_is_called_svg_is_none() -> None:
    head = '<meta property="og:image" content="/p?id=1"><meta property="og:image:type" content="image/svg+xml">'
    assert read(head).image is None


def test_a_logo_or_pixel_gives_way_to_a_picture() -> None:
    head = '<meta property="og:image" content="/img/logo.png"><meta name="twitter:image" content="/img/boat.jpg">'
    assert read(head).image == Image("https://site.example/img/boat.jpg")
    pixel = '<meta property="og:image" content="/1.gif"><meta property="og:image:width" content="1">'
    assert read(pixel).image is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2023-03-04T08:15:00+01:00", datetime(2023, 3, 4, 8, 15, tzinfo=timezone(timedelta(hours=1)))),
        ("2023-03-04T08:15:00.123Z", datetime(2023, 3, 4, 8, 15, tzinfo=UTC)),
        ("2023-03-04T08:15:00", date(2023, 3, 4)),
        ("2023-03-04 08:15", date(2023, 3, 4)),
        ("2023/3/4", date(2023, 3, 4)),
        ("20230304", date(2023, 3, 4)),
        ("Sat, 04 Mar 2023 08:15:00 GMT", datetime(2023, 3, 4, 8, 15, tzinfo=UTC)),
        ("March 4, 2023", date(2023, 3, 4)),
        ("4. März 2023", date(2023, 3, 4)),
        ("4 de marzo de 2023", date(2023, 3, 4)),
        ("04.03.2023 | 13:10 Uhr", date(2023, 3, 4)),
        ("2023年3月4日", date(2023, 3, 4)),
        ("1677917700", datetime(2023, 3, 4, 8, 15, tzinfo=UTC)),
        ("1677917700000", datetime(2023, 3, 4, 8, 15, tzinfo=UTC)),
        ("2023-02-31", None),
        ("0001-01-01", None),
        ("soon", None),
        ("2023-03-04T08:15:00+99:99", None),
    ],
)
def test_dates_are_read_as_pages_write_them(written: str, expected: datetime | date | None) -> None:
    assert read(f'<meta property="article:published_time" content="{written}">').published == expected


def test_a_day_before_a_month_unless_the_page_is_american() -> None:
    body = "<h1>A long day</h1><div>03/04/2020</div>"
    assert read_page(f"<html lang=en-US><title>A long day</title><body>{body}".encode(), URL).published == date(
        2020, 3, 4
    )
    assert read_page(f"<html lang=en-GB><title>A long day</title><body>{body}".encode(), URL).published == date(
        2020, 4, 3
    )


@pytest.mark.parametrize(
    "name",
    ["admin", "https://x.example/me", "@me", "info@site.example", "  ", "Site", "Site GmbH", "x" * 200],
)
def test_what_is_no_name_is_no_author(name: str) -> None:
    assert read(f'<meta property="og:site_name" content="Site"><meta name="author" content="{name}">').author is None


def test_a_comment_is_not_the_article() -> None:
    body = '<h1>Tides</h1><div class="comment"><span class="comment-author">Bob Roe</span></div>'
    assert read("<title>Tides</title>", body).author is None


def test_a_refresh_counts_in_the_head_alone_and_soon() -> None:
    tag = '<meta http-equiv="Refresh" content="{}">'
    assert read(tag.format("0; url=/next")).refresh == Refresh("https://site.example/next", 0.0)
    assert read(tag.format("2;URL='https://b.example/'")).refresh == Refresh("https://b.example/", 2.0)
    for content in (
        "300; url=/next",
        "0; url=javascript:x",
        "5",
        "x; url=/next",
        "nan; url=/next",
        "-1;url=/n",
    ):
        assert read(tag.format(content)).refresh is None, content
    assert read("<noscript>" + tag.format("0; url=/next") + "</noscript>").refresh is None
    assert read("", tag.format("0; url=/next")).refresh is None


def test_robots_are_heard() -> None:
    page = read('<meta name="robots" content="noindex, NOSNIPPET"><meta name="robots" content="noarchive">')
    assert (page.nosnippet, page.noarchive) == (True, True)
    assert read('<meta name="robots" content="max-snippet:0">').nosnippet
    assert not read('<meta name="robots" content="max-snippet:-1">').nosnippet


def test_a_paywall_is_told() -> None:
    for free in ("false", '"False"', '"http://schema.org/False"'):
        data = f'{{"@type":"NewsArticle","isAccessibleForFree":{free}}}'
        assert read(f'<script type="application/ld+json">{data}</script>').paywalled
    assert not read(
        '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":true}</script>'
    ).paywalled


def test_an_amp_page_names_the_page_that_it_is_of() -> None:
    page = read_page('<html ⚡ lang="en_US"><link rel="canonical" href="/a"><title>t</title>'.encode(), URL)
    assert (page.amp_of, page.language) == ("https://site.example/a", "en-US")


def test_an_icon_is_no_svg() -> None:
    head = (
        '<link rel="icon" href="/i.svg"><link rel="shortcut icon" href="/i.ico">'
        '<link rel="apple-touch-icon" href="a.png">'
    )
    assert read(head).icon == "https://site.example/a/a.png"
    assert read('<link rel="icon" href="/i.svg">').icon is None


def test_entities_of_an_address_are_those_with_a_semicolon() -> None:
    head = '<link rel="canonical" href="/p?a=1&copy=2&amp;b=3">'
    assert read(head).canonical_url == "https://site.example/p?a=1&copy=2&b=3"


def test_markup_within_texts_is_taken_out() -> None:
    head = '<meta property="og:description" content="&lt;b&gt;Bold&lt;/b&gt; &amp;amp; a &lt; b">'
    assert read(head).description == "Bold & a < b"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("<title>The &lt;script&gt; element &amp; more</title>", ""),
        ("<title>The <script> element & more</title>", ""),
        ('<meta property="og:title" content="The &lt;script&gt; element &amp; more">', ""),
        ('<meta property="og:title" content="The <script> element &amp;amp; more">', ""),
        ('<meta name="twitter:title" content="The &lt;script&gt; element &amp; more">', ""),
        ("", "<h1>The <code>&lt;script&gt;</code> <b>element</b> &amp; more</h1>"),
        (
            '<meta property="og:title" content="The &lt;script&gt; element">',
            "<h1>The &lt;script&gt; element &amp; more</h1>",
        ),
    ],
)
def test_a_title_about_markup_is_shown_as_written(head: str, body: str) -> None:
    assert (read(head, body).title or "").startswith("The <script> element")


def test_a_tag_of_which_nothing_is_left_gives_way_to_the_next() -> None:
    tags = '<meta property="og:image" content="/a.jpg"><meta name="twitter:image:alt" content="A ferry">'
    image = read(tags + '<meta property="og:image:alt" content="&#1;">').image
    assert image is not None and image.alt == "A ferry"


def test_a_title_in_data_about_markup_is_shown_as_written() -> None:
    head = data('{"@type":"NewsArticle","headline":"Why \\u003cblink> went"}')
    assert read(head).title == "Why <blink> went"


def test_half_of_a_character_is_dropped() -> None:
    page = read(
        data(
            r'{"@type":"NewsArticle","headline":"A\ud800 pier","description":"\udc00 By the sea \ud83d\ude00",'
            r'"author":{"name":"Ida\udfff Holm"},"publisher":{"name":"News\ud800"},"image":"/a\ud800.jpg",'
            r'"datePublished":"2020-01-01\ud800","@id":"\ud800"}'
        )
        + '<meta property="og:type" content="&#xd800;article"><link rel="canonical" href="/&#xdfff;">'
    )
    assert (page.title, page.description, page.author) == ("A pier", "By the sea \U0001f600", "Ida Holm")
    assert (page.site_name, page.image, page.published) == ("News", None, date(2020, 1, 1))
    for field in fields(Page):
        str(getattr(page, field.name)).encode("utf-8")


def test_unknown_and_odd_json_ld_is_passed_over() -> None:
    for data in (
        "[[[[[",
        "null",
        "1",
        '"x"',
        "{" * 3_000,
        '{"@type":{"a":1},"author":[[[]]],"image":{"url":5}}',
        '{"a":NaN}',
    ):
        assert read(f'<title>t</title><script type="application/ld+json">{data}</script>').title == "t"


def data(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def test_a_front_page_is_no_copy_of_a_page_below_it() -> None:
    head = '<link rel="canonical" href="/recipes/soup">'
    assert read(head, url="https://site.example/").canonical_url is None
    assert read(head, url="https://site.example/?p=7").canonical_url == "https://site.example/recipes/soup"
    assert read('<link rel="canonical" href="https://www.site.example">', url="https://site.example/").canonical_url


def test_a_whole_description_goes_before_one_that_was_cut_off() -> None:
    whole = "A hutch of solid pine with a run underneath, a bottom that is easily pulled out, and a ramp between them."
    cut = '<meta property="og:description" content="The hutch gives your rabbits room to run and a …">'
    assert read(f'{cut}<meta name="description" content="{whole}">').description == whole
    # A slogan says less than the beginning of a text.
    assert (read(f'{cut}<meta name="description" content="All for pets">').description or "").startswith("The hutch")


@pytest.mark.parametrize(
    "placeholder",
    [
        "/img/default-user-image.png",
        "/no-image.jpg",
        "/og_default-share.png",
        "/i?src=%2Fmedia%2FrecipeFallback.8b0.webp",
    ],
)
def test_a_placeholder_gives_way_to_a_picture(placeholder: str) -> None:
    head = f'<meta property="og:image" content="{placeholder}"><meta name="twitter:image" content="/boat.jpg">'
    assert read(head).image == Image("https://site.example/boat.jpg")
    assert read(f'<meta property="og:image" content="{placeholder}">').image is None


def test_what_the_data_calls_a_logo_is_no_picture() -> None:
    head = '<meta property="og:image" content="/acme-wide.png">' + data(
        '{"@type":"Organization","name":"Acme","logo":{"@type":"ImageObject","url":"https://site.example/acme-wide.png"}}'
    )
    assert read(head).image is None


def test_a_small_picture_gives_way_to_a_far_larger_one() -> None:
    head = '<meta property="og:image" content="/s.png"><meta property="og:image:width" content="710">' + data(
        '{"@type":"Recipe","image":{"url":"/l.png","width":1200,"height":1200}}'
    )
    assert read(head).image == Image("https://site.example/l.png", 1200, 1200)
    several = data('{"@type":"Recipe","image":["/pie-225x225.jpg","/pie-320x180.jpg","/pie.jpg"]}')
    assert read(several).image == Image("https://site.example/pie.jpg")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<img src="/empty.gif" data-src="/boat.jpg" width="800" height="600">', "/boat.jpg"),
        ('<img style="width: 800px; height: 534px" src="boat.png">', "/a/boat.png"),
        ('<img srcset="/boat-400.png 400w, /boat,1.png 960w" alt="Boat">', "/boat,1.png"),
        ('<img srcset="/boat-400.png 400w,/boat.png 960w">', "/boat.png"),
        ('<img src="/boat.jpg">', "/boat.jpg"),
        ('<img src="/icons/boat.gif">', None),
        ('<img src="/boat-75x75.jpg">', None),
        ('<img src="/boat.jpg" width="75">', None),
        ('<img src="/img/logo.jpg">', None),
        ("<p>" + "Many words about something else. " * 30 + '</p><img src="/teaser.jpg">', None),
    ],
)
def test_a_page_without_a_declared_picture_has_the_one_by_its_headline(markup: str, expected: str | None) -> None:
    image = read("<title>A long voyage</title>", f"<h1>A long voyage</h1>{markup}").image
    assert (image.url if image else None) == (expected and "https://site.example" + expected)


def test_a_day_that_only_the_data_has_is_not_shown() -> None:
    head = "<title>Soup</title>" + data('{"@type":"Recipe","name":"Soup","datePublished":"2012-09-06T22:36:31Z"}')
    text = "<p>Chop, boil, serve.</p>" * 300
    assert read(head, f"<h1>Soup</h1>{text}<p>© 2012</p>").published is None
    assert read(head, f"<h1>Soup</h1>{text}<p>6 września 2012</p>").published == datetime(
        2012, 9, 6, 22, 36, 31, tzinfo=UTC
    )
    # What a script fills shows nothing yet.
    assert read(head, "<h1>Soup</h1><div id=root></div>").published is not None


FAR = "<h1>A boat</h1>" + "<p>It sails.</p>" * 4_000
DATA = '<script type="application/ld+json">{"@type":"Article","author":{"name":"Ida Holm"}}</script>'


def test_data_far_behind_the_headline_counts() -> None:
    assert read("", FAR + "<script>let json = 1</script><script src=json.js></script>" + DATA).author == "Ida Holm"


def test_data_that_a_script_writes_is_none() -> None:
    written = DATA.replace("</script>", "<\\/script>")
    assert read("", FAR + f"<script>document.write('{written}')</script>").author is None
    assert read("", FAR + f"<script>document.write('{written}')</script>" + DATA).author == "Ida Holm"


def test_an_empty_script_hides_nothing_between_tags() -> None:
    scripts = '<script src="a.js"></script><script async data-x=\'<meta property="og:title" content="no">\'></script>'
    page = read(f'<link rel=icon href=/a.png>{scripts}<meta property="og:title" content="A boat">')
    assert (page.title, page.icon) == ("A boat", "https://site.example/a.png")


def test_a_link_without_a_relation_is_no_base() -> None:
    page = read('<link rel="" href="https://other.example/"><link rel="icon" href="a.png">')
    assert page.icon == "https://site.example/a/a.png"
