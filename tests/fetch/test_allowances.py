"""What an allowance opens, for whom, and what it never lifts."""

from __future__ import annotations

import pytest

from tests.fetch.internet import AGENT, PUBLIC, SMALL, Clock, Net, Server, answering, page, redirect
from unfurler.fetch import Allow, Guard, Outbound, Pacing, Site
from unfurler.fetch.connect import Connector
from unfurler.fetch.deadline import Deadline, Times
from unfurler.fetch.pages import Fetched
from unfurler.fetch.resolve import Lookups
from unfurler.fetch.target import Target
from unfurler.fetch.watchdog import Watchdog
from unfurler.sdk.errors import AddressRefused, LimitExceeded
from unfurler.sdk.link import Link


def with_allow(net: Net, text: str, own: str | None = None) -> Outbound:
    guard = Guard.make(Allow.parse(text), own_origin=own)
    return Outbound(SMALL, guard, user_agent=AGENT, resolver=net.resolve, dial=net.dial, pacing=Pacing(now=Clock()))


def test_the_allow_list_opens_name_address_and_port(serve, net: Net) -> None:
    server = serve(answering(page()))
    net.names |= {"wiki": ["10.0.0.5"], "git.lan": ["10.0.0.5"], "port.example": ["10.0.0.5"]}
    net.ports = {"10.0.0.5": server.port}
    opened = with_allow(net, "wiki:8000, *.lan, 10.0.0.0/24")
    for url in (
        "http://wiki:8000/",
        "http://git.lan/",
        "http://git.lan:1234/",
        "http://10.0.0.5:99/",
        "http://port.example:99/",
    ):
        assert opened.fetch(Link.parse(url)).opened
    with pytest.raises(AddressRefused):  # a range lifts no name rule
        opened.fetch(Link.parse("http://wiki:8001/"))
    with pytest.raises(AddressRefused):
        opened.fetch(Link.parse("http://10.0.1.5/"))


def test_a_range_opens_a_port_for_its_addresses_only(net: Net, site: Server) -> None:
    net.names["both.example"] = ["10.0.0.5", PUBLIC]
    opened = with_allow(net, "10.0.0.0/24:99")
    for url in ("http://site.example:99/", "http://both.example:99/", "http://10.0.0.5:98/", "http://10.0.0.5/"):
        with pytest.raises(AddressRefused):
            opened.fetch(Link.parse(url))
    assert net.dialled == []


def test_configured_origins_are_opened_for_their_guard_alone(serve, net: Net) -> None:
    server = serve(answering(page()))
    net.names["gitlab.corp"] = ["10.0.0.7"]
    net.ports = {"10.0.0.7": server.port}
    plain = with_allow(net, "")
    own = plain.guard.also(["http://gitlab.corp:8929/gitlab", "https://api.gitlab.corp/api/v4"])
    assert plain.fetch(Link.parse("http://gitlab.corp:8929/x"), guard=own).opened
    for url in (
        "http://gitlab.corp/",
        "https://gitlab.corp:8929/",
        "http://gitlab.corp:8930/",
        "http://api.gitlab.corp/",
    ):
        with pytest.raises(AddressRefused):
            plain.fetch(Link.parse(url), guard=own)
    with pytest.raises(AddressRefused):
        plain.fetch(Link.parse("http://gitlab.corp:8929/x"))


def test_a_kept_connection_serves_no_other_guard(serve, net: Net) -> None:
    server = serve(answering(page(b"{}")))
    net.names["gitlab.corp"] = ["10.0.0.7"]
    net.ports = {"10.0.0.7": server.port}
    plain = with_allow(net, "")
    url = "http://gitlab.corp:8929/"
    plain.request("GET", url, guard=plain.guard.also([url]))
    with pytest.raises(AddressRefused):
        plain.request("GET", url)
    plain.request("GET", url, guard=plain.guard.also([url]))
    assert server.connections == 1


def test_a_redirect_reaches_what_is_allowed_only_from_what_is_allowed(serve, net: Net) -> None:
    inside = serve(answering(page()))
    outside = serve(answering(redirect("http://wiki.lan/")))
    first = serve(answering(redirect("http://wiki.lan/")))
    far = serve(answering(redirect("http://site.example/")))
    net.names |= {"wiki.lan": ["10.0.0.5"], "first.lan": ["10.0.0.6"], "far.lan": ["10.0.0.8"]}
    net.ports = {"10.0.0.5": inside.port, PUBLIC: outside.port, "10.0.0.6": first.port, "10.0.0.8": far.port}
    opened = with_allow(net, "*.lan")
    assert opened.fetch(Link.parse("http://first.lan/")).opened
    for url in ("http://site.example/", "http://far.lan/"):  # inside, outside, inside again is no way either
        with pytest.raises(AddressRefused):
            opened.fetch(Link.parse(url))
    assert len(inside.requests) == 1


def test_a_name_that_leads_outside_too_opens_no_way_inside(serve, net: Net) -> None:
    inside = serve(answering(page()))
    both = serve(answering(redirect("http://10.0.0.6/")))
    net.names["both.example"] = ["10.0.0.5", PUBLIC]
    net.ports = {"10.0.0.5": both.port, "10.0.0.6": inside.port}
    with pytest.raises(AddressRefused):
        with_allow(net, "10.0.0.0/24").fetch(Link.parse("http://both.example/"))
    assert inside.connections == 0


def test_a_connection_that_understands_its_address_differently_is_not_opened(net: Net) -> None:
    connector = Connector(Lookups(net.resolve), Watchdog(), max_addresses=4, max_headers=9, dial=net.dial)
    for host, port in (("127.0.0.1", 80), ("site.example", 22)):
        target = Target("http", "site.example", 80, "/")
        made = connector.connection(target, Guard(), Times(1, 1, 1), Deadline.after(1, "page_fetch_s"))
        made.host, made.port = host, port
        with pytest.raises(AddressRefused):
            made.connect()
    assert net.asked == [] and net.dialled == []


def test_what_a_page_leads_to_by_itself_is_a_redirect(serve, net: Net, site: Server) -> None:
    inside = serve(answering(page()))
    net.names |= {"wiki.lan": ["10.0.0.5"]}
    net.ports["10.0.0.5"] = inside.port
    opened = with_allow(net, "*.lan")
    public_page = opened.fetch(Link.parse("http://site.example/"))
    with pytest.raises(AddressRefused):
        opened.fetch(Link.parse("http://wiki.lan/"), came_from=public_page)
    assert (
        opened.fetch(Link.parse("http://wiki.lan/"), came_from=opened.fetch(Link.parse("http://wiki.lan/a"))).hops == 1
    )
    for hops in (4, 5):
        led = Fetched("http://wiki.lan/", "text/html", None, b"", opened=True, hops=hops)
        if hops == 4:
            assert opened.fetch(Link.parse("http://wiki.lan/"), came_from=led).hops == 5
        else:
            with pytest.raises(LimitExceeded):
                opened.fetch(Link.parse("http://wiki.lan/"), came_from=led)


def test_the_api_fetches_inside_only_for_a_link_that_is_inside(serve, net: Net, site: Server) -> None:
    inside = serve(answering(page()))
    net.names |= {"wiki.lan": ["10.0.0.5"]}
    net.ports["10.0.0.5"] = inside.port
    opened = with_allow(net, "*.lan, 10.0.0.0/8")

    def api(posted: str):
        return opened.api(
            Site("http://site.example", "http://site.example", opened.guard, "v", link=Link.parse(posted))
        )

    for_outside = api("http://site.example/")
    with pytest.raises(AddressRefused):
        for_outside.fetch("http://wiki.lan/")
    for_outside.fetch("http://site.example/")
    with pytest.raises(AddressRefused):
        for_outside.fetch("http://10.0.0.5/")
    for_inside = api("http://wiki.lan/")
    assert for_inside.fetch("http://wiki.lan/other").whole
    assert for_inside.fetch("http://wiki.lan/").whole and for_inside.fetch("http://10.0.0.5/oembed").whole
    assert for_inside.fetch("http://site.example/").whole and for_inside.fetch("http://10.0.0.5/more").whole


@pytest.mark.parametrize(
    ("own", "url"),
    [
        ("https://unfurl.example", "https://unfurl.example/healthz"), ("https://unfurl.example", "http://unfurl.example:443/"),
        ("http://localhost:8080", "http://localhost:8080/"), ("http://localhost:8080", "http://127.0.0.1:8080/"),
        ("http://localhost:8080", "http://[::1]:8080/"), ("http://127.0.0.1:8080", "http://loop.example:8080/"),
    ],
)  # fmt: skip
def test_we_never_fetch_ourselves(net: Net, own: str, url: str) -> None:
    net.names |= {"unfurl.example": [PUBLIC], "localhost": ["127.0.0.1"], "loop.example": ["127.0.0.1"]}
    opened = with_allow(net, "*.example, unfurl.example, localhost, 127.0.0.0/8, [::1]", own)
    with pytest.raises(AddressRefused) as caught:
        opened.fetch(Link.parse(url))
    assert caught.value.reason == "own-address"
    assert net.dialled == []


def test_the_beginning_of_our_port_range_is_not_ourselves(serve, net: Net) -> None:
    server = serve(answering(page()))
    net.ports = {"127.0.0.1": server.port}
    opened = with_allow(net, "127.0.0.1", "http://localhost:8080")
    assert opened.fetch(Link.parse("http://127.0.0.1:8081/")).whole


def test_no_allowance_lifts_the_scheme_rule() -> None:
    guard = Guard.make(Allow.parse("site.example")).also(["http://site.example"])
    with pytest.raises(AddressRefused) as caught:
        guard.judge_name(Target("ftp", "site.example", 21, "/"))
    assert caught.value.reason == "scheme-refused"
