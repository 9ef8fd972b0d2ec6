"""Pages that stand in front of the content: sign-in forms, bot checks, consent walls, error pages.

In doubt a page is content. A title is compared as a whole, or up to a separator, never by a word within it:
there are articles about logins, robots and errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from unfurler.sdk.page.lookups import plain
from unfurler.sdk.page.model import Wall

# A wall has little more to say than the labels of its form. The scripts of a bot check are no sign by
# themselves: the services that put it in front of a page put them into the page too.
SPARE_CHARS = 600
MAX_REST_BYTES = 40_000

_STATUS_WORDS = (
    "error|bad request|unauthorized|forbidden|not found|page not found|gone|too many requests|"
    "internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out"
)


def _titles(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases))


_CHALLENGE = _titles(
    "just a moment", "attention required!?", "please wait(?: for verification| while .{0,60})?",
    "checking your browser.{0,60}", "ddos-guard", "one more step",
    "security (?:check|checkpoint|verification)", "vercel security checkpoint", "captcha",
    r"(?:bloomberg - )?are you (?:a )?(?:human|robot)\??", r"robot or human\??", "robot check",
    "bot verification", "human verification", "verify(?:ing)? (?:that )?you are (?:a )?human",
    "let's confirm you are human", "making sure you're not a bot!?", "pardon our interruption",
    "access to this page has been denied", "(?:sorry, )?you have been blocked", "client challenge",
    "unusual traffic.{0,60}", "javascript is not available", "verification required", "captcha challenge",
    r"request unsuccessful\. incapsula.{0,80}", "sucuri website firewall", "challenge validation",
    "your access to this (?:site|service) has been limited.{0,40}",
    r"(?:вы|you) (?:не|are not a) (?:робот|robot)\?",
)  # fmt: skip
_ERROR = _titles(
    rf"(?:error |http )?(?:40[0134]|410|429|50[0-4])(?:[ :-]{{1,3}}(?:{_STATUS_WORDS}))?!?",
    "52[0-7]: .{3,60}", "access (?:is )?denied", "forbidden", "unauthorized",
    "(?:page|file|site) not found", "not found", "(?:internal )?server error", "bad gateway",
    "gateway time-?out", "service (?:temporarily )?unavailable", "request rejected",
    "error: the request could not be satisfied", r"error 10\d\d", "error", "an error (?:has )?occurred",
    "sorry! something went wrong!?", "something went wrong",
    "(?:this )?page (?:is )?(?:not available|unavailable)", "(?:under|site|down for) maintenance",
    "seite nicht gefunden", "zugriff verweigert", "wartungsarbeiten", "page (?:non trouvée|introuvable)",
    "accès refusé", "página no encontrada", "acceso denegado", "página não encontrada",
    "pagina non trovata", "pagina niet gevonden", "strona nie została znaleziona", "sidan hittades inte",
    "страница не найдена", "доступ запрещ[её]н", "ページが見つかりません",
)  # fmt: skip
_LOGIN = _titles(
    "(?:please )?(?:log|sign)[ -]?in(?: required| page| to continue)?", "log in or sign up(?: to view)?",
    "(?:log|sign) in with .{2,30} account", "authentication required", "authorization required",
    "session expired", "(?:log|sign) in to your account", "anmelden", "anmeldung", "einloggen",
    "connexion", "se connecter", "identification", "iniciar sesi[oó]n", "acceder", "accedi", "entrar",
    "inloggen", "aanmelden", "logga in", "log ind", "logg inn", "kirjaudu(?: sisään)?", "zaloguj się",
    "logowanie", "přihlášení", "bejelentkezés", "oturum aç", "giriş yap", "вход", "войти", "авторизация",
    "ログイン", "登录", "로그인",
)  # fmt: skip
_LONG_LOGIN = re.compile(r"(?:log|sign)[ -]?in(?:to)? (?:to|with|or|facebook)\b.{0,60}")
_CONSENT = _titles(
    "before you continue(?: to .{0,30})?", "bevor (?:sie|du) .{0,40}", "avant d'accéder à .{0,30}",
    "(?:cookie|privacy|datenschutz)[ -]?(?:consent|einstellungen)", "your privacy (?:choices|settings)",
)  # fmt: skip
_CONSENT_HOST = re.compile(
    r"(?:consent|consents|guce|cmp|cookieconsent|privacy-gate|privacygate|myprivacy)\.", re.IGNORECASE
)
_CONSENT_PATH = re.compile(r"[^/]{1,253}/(?:zustimmung|consent|cookiewall|privacywall)(?=[/?#]|$)", re.IGNORECASE)
_CHALLENGE_MARKS = (
    b"/orchestrate/chl_", b"_cf_chl_opt", b"cf-browser-verification", b"_Incapsula_Resource",
    b"captcha-delivery.com", b"px-captcha", b"/_sec/cp_challenge", b"/.well-known/sgcaptcha/",
    b"awsWafCookieDomainList", b"window.gokuProps", b"/.within.website/x/cmd/anubis/", b"/_fs-ch-",
    b"/_sec/verify?provider=", b"KPSDK", b'src="/TSPD/', b"validate.perfdrive.com", b"static.queue-it.net",
    b"/checkcaptcha?", b"/_____tmd_____/punish",
)  # fmt: skip
# Where nothing but the captcha is to be filled in, it stands in front of the page rather than beside a form.
_CAPTCHA = re.compile(rb"""class=["']?(?:g-recaptcha|h-captcha|cf-turnstile|frc-captcha|smart-captcha)""")
_FIELD = re.compile(rb"""<textarea|type=["']?(?:text|email|search|tel|number|password)""", re.IGNORECASE)
# A form that sends itself on to who signs people in.
_HANDED_ON = re.compile(rb"""name=["']?(?:SAMLRequest|SAMLResponse|wresult)""")
_SCRIPT_WALL = re.compile(
    rb"enable (?:javascript|js)\b[^<>]{0,60}? to (?:continue|proceed|view|access)|"
    rb"javascript is not available",
    re.IGNORECASE,
)
_CONSENT_MARKS = (b"https://consent.google.com/save", b"https://consent.youtube.com/save")
_PASSWORD = re.compile(rb"""type=["']?password""")
_SEPARATOR = re.compile(r"\s{1,3}[|\-–—·•:]\s{1,3}")


class Evidence(NamedTuple):
    """What tells a wall: titles, the address and its host, the bytes, and whether the page declares content of its own.

    `declared` is true for a page that names its type (article, product, video …); `described` for one that
    describes itself or shows a picture, as every page of some sites does.
    """

    titles: tuple[str | None, ...]
    url: str
    host: str
    body: bytes
    rest: bytes
    declared: bool
    described: bool


def wall(page: Evidence) -> Wall | None:
    """Why the page is not content, or None."""
    if _CONSENT_HOST.match(page.host):
        return "consent"
    if page.declared:
        return None
    if _CONSENT_PATH.match(page.url.partition("://")[2]):
        return "consent"
    names = list(dict.fromkeys(_names(page.titles)))
    if _any(_CHALLENGE, names):
        return "challenge"
    if _any(_ERROR, names):
        return "error"
    if _any(_LOGIN, names):
        return "login"
    if _any(_CONSENT, names):
        return "consent"
    if page.described:
        return None
    return _by_form(page, names)


def _by_form(page: Evidence, names: list[str]) -> Wall | None:
    """What the markup tells of a page that neither declares nor describes anything, and has little to say."""
    has_password = b"password" in page.rest and _PASSWORD.search(page.rest) is not None
    if has_password and _any(_LONG_LOGIN, names):
        return "login"
    if len(page.rest) > MAX_REST_BYTES or len(plain(page.rest, MAX_REST_BYTES) or "") > SPARE_CHARS:
        return None
    if any(mark in page.body for mark in _CHALLENGE_MARKS) or _SCRIPT_WALL.search(page.body):
        return "challenge"
    if any(mark in page.body for mark in _CONSENT_MARKS):
        return "consent"
    if _CAPTCHA.search(page.rest) and not _FIELD.search(page.rest):
        return "challenge"
    return "login" if has_password or _HANDED_ON.search(page.rest) else None


def _names(titles: Iterable[str | None]) -> Iterator[str]:
    """Each title, and what stands before or behind the name of a site in it."""
    for title in titles:
        if title:
            parts = _SEPARATOR.split(title[:300])
            for text in (title, parts[0], parts[-1]):
                # A Turkish capital has its dot in lower case too, and a small i may lack it.
                yield text.strip(" .…").lower().replace("i\u0307", "i").replace("\u0131", "i")


def _any(pattern: re.Pattern[str], names: Iterable[str]) -> bool:
    return any(pattern.fullmatch(name) for name in names)
