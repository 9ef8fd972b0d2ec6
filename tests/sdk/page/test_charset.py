"""Which encoding a page is read in."""

import pytest

from unfurler.sdk.page import read_page

TEXT = "Straße–Größe"


def title(body: bytes, header: str | None = None) -> str | None:
    return read_page(body, "https://example.org/", header).title


def page(codec: str, declared: str = "", text: str = TEXT) -> bytes:
    return f"<html><head>{declared}<title>{text}</title></head><body></body></html>".encode(codec)


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (page("utf-8"), None),
        (page("utf-8"), "utf-8"),
        (page("utf-8"), '"UTF-8"'),
        (b"\xef\xbb\xbf" + page("utf-8"), "iso-8859-1"),
        (b"\xff\xfe" + page("utf-16-le"), "utf-8"),
        (b"\xfe\xff" + page("utf-16-be"), None),
        (page("utf-16-le"), "utf-16"),
        (page("cp1252"), None),
        (page("cp1252"), "iso-8859-1"),
        (page("cp1252"), "us-ascii"),
        (page("cp1252", '<meta charset="windows-1252">'), None),
        (page("cp1252", '<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">'), None),
        (page("cp1252", '<META CONTENT="text/html; Charset=Windows-1252" HTTP-EQUIV=Content-Type>'), None),
        (page("cp1252", "<Meta Charset = 'latin1' />"), None),
        (page("utf-8", "<meta charset=utf-8><meta charset=koi8-r>"), None),
        (page("utf-8", "<meta charset=koi8-r>"), "utf-8"),
        (page("cp1252", "<meta charset=utf-8>"), "windows-1252"),
        (page("utf-8", "<meta charset=utf-16>"), None),
        (page("utf-8", '<meta charset="cp1252">'), "utf_8"),
        (page("utf-8", '<!-- <meta charset="koi8-r"> -->'), None),
        (page("utf-8", '<script>"<meta charset=koi8-r>"</script>'), None),
        (page("utf-8", '<meta charset="unicode_escape">'), None),
        (page("utf-8", "<meta charset=utf-7><meta charset=utf-8>"), None),
        (page("utf-8"), "idna"),
        (page("utf-8"), "punycode"),
        (page("utf-8"), "utf-7"),
        (page("utf-8"), "rot13"),
        (page("utf-8"), "no-such-encoding"),
        (page("utf-8")[:-9] + "–".encode()[:1], None),
    ],
)
def test_the_order_of_declarations_is_kept(body: bytes, header: str | None) -> None:
    assert title(body, header) == TEXT


@pytest.mark.parametrize(
    ("codec", "label", "text"),
    [
        ("shift_jis", "Shift_JIS", "日本語の題"),
        ("euc_jp", "euc-jp", "日本語の題"),
        ("iso2022_jp", "iso-2022-jp", "日本語の題"),
        ("gbk", "gb2312", "中文标题"),
        ("gb18030", "GB18030", "中文标题"),
        ("big5", "big5", "中文標題"),
        ("cp949", "ks_c_5601-1987", "한국어 제목"),
        ("cp1251", "windows-1251", "Заголовок"),
        ("koi8-r", "koi8-r", "Заголовок"),
        ("cp874", "tis-620", "หัวข้อ"),
        ("cp1254", "iso-8859-9", "Başlık ğ"),
        ("iso8859-2", "latin2", "Żółć"),
        ("euc_kr", "euc-kr", "한국어 제목"),
        ("big5hkscs", "Big5-HKSCS", "中文標題"),
        ("cp1256", "windows-1256", "عنوان الصفحة"),
        ("cp1255", "windows-1255", "כותרת"),
        ("iso8859-8", "iso-8859-8-i", "כותרת"),
        ("iso8859-7", "greek", "Τίτλος"),
        ("cp1258", "windows-1258", "Tiêu"),
        ("mac-cyrillic", "x-mac-cyrillic", "Заголовок"),
        ("koi8-u", "koi8-u", "Їжак"),
    ],
)
def test_encodings_of_the_standard_are_read(codec: str, label: str, text: str) -> None:
    assert title(page(codec, f'<meta charset="{label}">', text)) == text
    assert title(page(codec, "", text), label) == text


def test_a_charset_far_down_in_the_head_counts() -> None:
    assert title(page("cp1251", "<style>" + "x" * 40_000 + "</style><meta charset=cp1251>", "Привет")) == "Привет"


def test_what_cannot_be_decoded_is_a_replacement_character() -> None:
    assert title(b"<meta charset=utf-8><title>a\xff\xfeb</title>") == "a\ufffd\ufffdb"


def test_shift_jis_whose_second_bytes_look_like_markup_is_read() -> None:
    # 表 and ソ end with the byte of a backslash, ボ with that of a bracket.
    text = "表ソボ十能"
    assert title(page("shift_jis", "", text), "shift_jis") == text
    assert title(page("shift_jis", "<meta charset=Shift_JIS>", text)) == text


def test_iso_2022_jp_whose_bytes_are_all_ascii_is_read() -> None:
    text = "日本語、<b>と記号”"
    assert (
        title(page("iso2022_jp", '<meta http-equiv=content-type content="text/html; charset=iso-2022-jp">', text))
        == text
    )
