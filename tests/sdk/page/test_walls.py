"""Pages that stand in front of the content are known, and pages about them are content."""

import pytest

from unfurler.sdk.page import read_page

FORM = '<form><input name="user"><input type="password" name="p"></form>'

WALLS = [
    (
        "challenge",
        "<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/h/orchestrate/chl_></script>",
    ),
    ("challenge", "<title>Attention Required! | Cloudflare</title><h1>Sorry, you have been blocked</h1>"),
    (
        "challenge",
        "<title>site.example</title><script src=https://geo.captcha-delivery.com/captcha/x.js></script>",
    ),
    ("challenge", "<head><title></title></head><iframe src=/_Incapsula_Resource?x=1></iframe>"),
    ("challenge", "<title>Access to this page has been denied.</title><div id=px-captcha></div>"),
    ("challenge", "<title>Pardon Our Interruption</title><h1>Pardon Our Interruption...</h1>"),
    ("challenge", "<title>DDoS-Guard</title><h1>Checking your browser</h1>"),
    (
        "challenge",
        "<title>x</title><noscript>Please enable JavaScript and cookies to continue</noscript><body></body>",
    ),
    ("error", "<title>Access Denied</title><h1>Access Denied</h1>You don't have permission. Reference #18.2"),
    ("error", "<title>404 Not Found</title><h1>Not Found</h1>"),
    ("error", "<title>502 Bad Gateway</title>"),
    ("error", "<title>Seite nicht gefunden | Shop</title>"),
    ("error", "<title>ERROR: The request could not be satisfied</title><h1>403 ERROR</h1>"),
    ("error", "<title>shop.example | 521: Web server is down</title>"),
    ("challenge", "<title>Please Wait... | Cloudflare</title>"),
    ("challenge", "<title></title><h1>JavaScript is not available.</h1>"),
    ("challenge", "<title>Making sure you&#39;re not a bot!</title>"),
    ("login", "<title>Login • Pictures</title><div id=root></div>"),
    ("login", "<title>GİRİŞ YAP | Takım</title><div id=root></div>"),
    ("login", "<title>Network – log in or sign up</title>"),
    ("login", f"<title>Sign in · Tracker</title>{FORM}"),
    ("login", f"<title>Anmelden - Intranet</title>{FORM}"),
    ("login", f"<title>Tracker</title><h1>Log in</h1>{FORM}"),
    ("login", f"<title>Tracker</title><meta property=og:title content='Log in or sign up to view'>{FORM}"),
    ("consent", "<title>Before you continue</title><form action=https://consent.google.com/save></form>"),
]
CONTENT = [
    f"<title>Boats</title><p>{'We build boats of every size. ' * 30}</p>"
    "<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script><script "
    "src=/_Incapsula_Resource?a></script>",
    "<title>Boats</title><p>All about boats.</p><script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>",
    "<title>Login screens through the ages</title><h1>Login screens through the ages</h1><p>A history in pictures.</p>",
    "<title>Just a moment of silence</title><h1>Just a moment of silence</h1>" + "<p>words</p>" * 20,
    "<title>404: a love letter</title><meta property=og:image content=/404.jpg><h1>404: a love letter</h1>",
    "<title>Access denied: how a border town lives</title><meta property=og:type content=article><p>text</p>",
    f"<title>A shop for boats</title><h1>Boats</h1><p>{'We build boats of every size. ' * 30}</p>{FORM}",
    "<title>Contact us | Boats</title><h1>Contact us</h1><form><input type=text name=name><textarea></textarea>"
    '<div class="g-recaptcha"></div></form>',
    "<title>Boats</title><h1>Boats</h1><form><input type=search name=q></form><div class=cf-turnstile></div>",
    "<title>An app</title><noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>",
]


@pytest.mark.parametrize(("wall", "html"), WALLS)
def test_a_wall_is_known(wall: str, html: str) -> None:
    assert read_page(html.encode(), "https://site.example/page").wall == wall


@pytest.mark.parametrize("html", CONTENT)
def test_content_is_no_wall(html: str) -> None:
    assert read_page(html.encode(), "https://site.example/page").wall is None


def test_a_host_for_consent_is_a_wall() -> None:
    for url in ("https://consent.site.example/collect", "https://site.example/consent/tcf/a%2Fb"):
        assert read_page(b"<title>Your choices</title>", url).wall == "consent"


# As their services write them, shortened; known by structure on whatever host they stand.
SERVICES = {
    "Cloudflare in another language": (
        "challenge",
        '<html lang="de"><head><title>Nur einen Moment…</title></head><body><div class="main-wrappe'
        'r"><h1>site.example</h1><noscript>Enable JavaScript and cookies to continue</noscript></di'
        'v><script>(function(){window._cf_chl_opt = {cvId: "3"};var a=document.createElement("scrip'
        't");a.src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=1";})();</script></'
        "body></html>",
    ),
    "Akamai, challenge": (
        "challenge",
        '<html><head><title>Challenge Validation</title><link rel="stylesheet" href="/_sec/cp_chall'
        'enge/sec-3-5.css"><script src="/_sec/cp_challenge/sec-cpt-3-5.js"></script></head><body><d'
        'iv id="sec-container"></div></body></html>',
    ),
    "Akamai, interstitial": (
        "challenge",
        '<html><head><title>&nbsp;</title></head><body><script src="/_sec/verify?provider=interstit'
        'ial"></script><script>setTimeout(function(){location.reload(true)},5000)</script><script s'
        'rc="/akam/13/abc"></script></body></html>',
    ),
    "Kasada": (
        "challenge",
        '<html><head></head><body><script>window.KPSDK={};KPSDK.now=1;</script><script src="/149e95'
        '13-01fa-4fb0-aad4-566afd725d1b/2d206a39-8ed7-437e-a3be-862e0f06eea3/ips.js?x=1"></script><'
        "/body></html>",
    ),
    "F5": (
        "challenge",
        '<html><head><title></title><script type="text/javascript">window["bobcmn"]="1";</script><s'
        'cript src="/TSPD/08e1?type=9"></script></head><body><noscript>Please enable JavaScript to '
        "view the page content.<br/>Your support ID is: 1.</noscript></body></html>",
    ),
    "Radware": (
        "challenge",
        "<html><head><title>Radware Bot Manager Captcha</title></head><body><h1>We apologize for th"
        'e inconvenience...</h1><form action="https://validate.perfdrive.com/captcha"></form></body'
        "></html>",
    ),
    "AWS WAF": (
        "challenge",
        "<html><head><title></title><script>window.awsWafCookieDomainList=[];window.gokuProps={}</s"
        'cript></head><body><div id="challenge-container"></div><noscript><h1>JavaScript is disable'
        "d</h1></noscript></body></html>",
    ),
    "DataDome": (
        "challenge",
        '<html lang="en"><head><title>shop.example</title></head><body style="margin:0"><p id="cmsg'
        '">Please enable JS and disable any ad blocker</p><script data-cfasync="false">var dd={"rt"'
        ':"c","host":"geo.captcha-delivery.com"}</script></body></html>',
    ),
    "PerimeterX": (
        "challenge",
        '<html><head><title>shop.example</title></head><body><script>window._pxAppId="PX1";window._'
        'pxJsClientSrc="/1/init.js"</script><div id="px-captcha"></div></body></html>',
    ),
    "Imperva Incapsula": (
        "challenge",
        '<html style="height:100%"><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"><meta name'
        '="format-detection" content="telephone=no"></head><body style="margin:0px"><iframe id="mai'
        'n-iframe" src="/_Incapsula_Resource?CWUDNSAI=9" frameborder=0>Request unsuccessful. Incaps'
        "ula incident ID: 1</iframe></body></html>",
    ),
    "a captcha alone": (
        "challenge",
        '<html><head><title>site.example</title><script src="https://www.google.com/recaptcha/api.j'
        's"></script></head><body><form method="POST"><p>To continue, please type the characters be'
        'low:</p><div class="g-recaptcha" data-sitekey="x"></div><input type="submit"></form></body'
        "></html>",
    ),
    "another captcha alone": (
        "challenge",
        "<html><head><title>site.example</title></head><body><p>Please complete the security check."
        '</p><form method=post><div class="h-captcha" data-sitekey="x"></div></form></body></html>',
    ),
    "a third captcha alone": (
        "challenge",
        '<html><head><title>site.example</title></head><body><form method=post><div class="cf-turns'
        'tile" data-sitekey="x"></div></form></body></html>',
    ),
    "unusual traffic": (
        "challenge",
        '<html><head><title>https://www.google.com/search?q=a</title></head><body><form id="captcha'
        '-form" action="index" method="post"><div id="recaptcha" class="g-recaptcha"></div></form>O'
        "ur systems have detected unusual traffic from your computer network.</body></html>",
    ),
    "Wordfence": (
        "challenge",
        "<html><head><title>Your access to this site has been limited</title></head><body><h1>Your "
        "access to this site has been limited by the site owner</h1></body></html>",
    ),
    "a waiting room": (
        "challenge",
        '<html><head><title>Waiting Room</title></head><body>You are now in line<script src="https:'
        '//static.queue-it.net/script/queueclient.min.js"></script></body></html>',
    ),
    "a form handed on to an identity provider": (
        "login",
        '<html><body onload="document.forms[0].submit()"><noscript><p>Press Continue</p></noscript>'
        '<form action="https://idp.example/sso" method="post"><input type="hidden" name="SAMLReques'
        't" value="PHNhbWw"><input type="submit" value="Continue"></form></body></html>',
    ),
    "a sign-in page filled by a script": (
        "login",
        "<html><head><title>Sign in to your account</title></head><body><div></div></body></html>",
    ),
    "a sign-in page named after its realm": (
        "login",
        '<html><head><title>Sign in to acme</title></head><body><h1>ACME</h1><form><input type="tex'
        't" name=username><input type="password"></form></body></html>',
    ),
    "SmartCaptcha": (
        "challenge",
        '<html><head><title>Вы не робот?</title></head><body><form action="/checkcaptcha?key=1"><di'
        'v class="CheckboxCaptcha"></div></form></body></html>',
    ),
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_wall_of_a_service_is_known_by_its_structure(service: str) -> None:
    wall, html = SERVICES[service]
    assert read_page(html.encode(), "https://site.example/page").wall == wall
