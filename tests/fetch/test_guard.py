"""Who may be reached, decided on what is dialled."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fetch.internet import AGENT, OTHER_PUBLIC, PUBLIC, SMALL, Net, Server, answering, page, redirect
from unfurler.fetch import Allow, Guard, Outbound
from unfurler.fetch.addresses import is_public, parse_address
from unfurler.fetch.guard import PORTS
from unfurler.sdk.errors import AddressRefused, BadLink, LimitExceeded, UnfurlError, UpstreamDown, UpstreamOdd
from unfurler.sdk.link import Link


def test_a_public_page_is_fetched(public: Outbound, net: Net, site: Server) -> None:
    found = public.fetch(Link.parse("http://site.example/a?b=c#d"))
    assert found.body == b"<title>hello</title>" and not found.opened
    assert net.dialled == [(PUBLIC, 80)] and net.asked == ["site.example"]
    assert site.requests[0].startswith(b"GET /a?b=c HTTP/1.1\r\nHost: site.example\r\n")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://168.63.129.16/",
        "http://100.100.100.200/", "http://0.0.0.0/", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
        "http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://[fec0::1]/", "http://[::ffff:0:127.0.0.1]/",
        "http://[64:ff9b::5db8:d822]/", "http://[2002:5db8:d822::1]/", "http://[ff02::1]/", "http://[1.2.3.4]/",
        "http://[::g]/",
    ],
)  # fmt: skip
def test_a_literal_of_a_special_address_is_neither_looked_up_nor_dialled(public: Outbound, net: Net, url: str) -> None:
    with pytest.raises((AddressRefused, BadLink)):
        public.fetch(Link.parse(url))
    assert net.asked == [] and net.dialled == []


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST", "localhost.", "a.localhost", "localdomain", "x.localdomain", "printer.local", "wiki",
        "metadata.google.internal", "a.intranet", "a.lan", "A.Corp", "nas.home.arpa", "home.arpa", "x.onion", "x.i2p.",
        "router.Lan.", "ｌｏｃａｌｈｏｓｔ", "a.ｌａｎ",
    ],
)  # fmt: skip
def test_a_name_that_is_never_public_is_not_looked_up(public: Outbound, net: Net, host: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        public.fetch(Link.parse(f"http://{host}/"))
    assert caught.value.reason == "name-refused"
    assert net.asked == [] and net.dialled == []


@pytest.mark.parametrize("host", ["local.example", "notlocalhost.example", "internal.example", "xlan.example"])
def test_a_name_that_only_looks_like_one_is_looked_up(public: Outbound, net: Net, site: Server, host: str) -> None:
    net.names[host] = [PUBLIC]
    assert public.fetch(Link.parse(f"http://{host}/")).whole


@pytest.mark.parametrize("port", [1, 22, 25, 79, 81, 444, 6379, 8081, 8442, 9200, 65_535])
def test_other_ports_are_refused_before_dns(public: Outbound, net: Net, port: int) -> None:
    with pytest.raises(AddressRefused) as caught:
        public.fetch(Link.parse(f"http://site.example:{port}/"))
    assert caught.value.reason == "port-refused"
    assert net.asked == []


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_the_usual_ports_are_not(public: Outbound, net: Net, site: Server, port: int) -> None:
    public.fetch(Link.parse(f"http://site.example:{port}/"))
    assert net.dialled == [(PUBLIC, port)]
    authority = b"site.example" if port == 80 else b"site.example:%d" % port
    assert b"Host: %s\r\n" % authority in site.requests[0]


@pytest.mark.parametrize(
    "bad", ["127.0.0.1", "::1", "169.254.169.254", "::ffff:10.0.0.1", "fe80::1%eth0", "fe80::1%2", "nonsense", ""]
)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_one_forbidden_answer_refuses_the_name(public: Outbound, net: Net, bad: str, place: int) -> None:
    answers = [PUBLIC, OTHER_PUBLIC, "2606:2800::1"]
    answers.insert(place, bad)
    net.names["site.example"] = answers
    with pytest.raises(AddressRefused):
        public.fetch(Link.parse("http://site.example/"))
    assert net.dialled == []


def test_the_next_address_is_tried_families_taking_turns(public: Outbound, net: Net, site: Server) -> None:
    net.names["site.example"] = ["2606:2800::1", "2606:2800::2", "2606:2800::3", "2606:2800::4", PUBLIC]
    public.fetch(Link.parse("http://site.example/"))
    assert net.dialled == [("2606:2800::1", 80), (PUBLIC, 80)]


def test_four_addresses_are_tried_at_most(public: Outbound, net: Net) -> None:
    net.names["site.example"] = [f"93.184.216.{n}" for n in range(1, 100)]
    with pytest.raises(UpstreamDown):
        public.fetch(Link.parse("http://site.example/"))
    assert len(net.dialled) == 4


def test_a_mapped_answer_is_dialled_as_the_address_inside(public: Outbound, net: Net, site: Server) -> None:
    net.names["site.example"] = [f"::ffff:{PUBLIC}"]
    public.fetch(Link.parse("http://site.example/"))
    assert net.dialled == [(PUBLIC, 80)]


def test_a_name_is_resolved_once_for_a_connection_and_anew_for_the_next(serve, net: Net, public: Outbound) -> None:
    server = serve(answering(redirect("http://site.example/again"), page()))
    net.ports = {PUBLIC: server.port, "127.0.0.1": server.port}
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    rebinding = Outbound(
        SMALL, Guard.make(Allow()), user_agent=AGENT, resolver=lambda host, port: next(answers), dial=net.dial
    )
    with pytest.raises(AddressRefused):
        rebinding.fetch(Link.parse("http://site.example/"))
    assert net.dialled == [(PUBLIC, 80)]
    assert server.connections == 1


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/", "http://169.254.169.254/x", "//10.0.0.1/", "http://localhost:8080/", "http://[::1]/",
        "http://inside.example/", "http://site.example:22/", "https://internal/",
    ],
)  # fmt: skip
def test_a_redirect_inside_is_refused(serve, net: Net, public: Outbound, location: str) -> None:
    net.names["inside.example"] = ["10.1.2.3"]
    server = serve(answering(redirect(location)))
    net.ports = {PUBLIC: server.port}
    with pytest.raises(AddressRefused):
        public.fetch(Link.parse("http://site.example/"))
    assert net.dialled == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd", "gopher://site.example/", "ftp://site.example/", "javascript:alert(1)", "data:,x",
        "http://user@site.example/", "http://site.example\\@evil.example/", "http:///x", "http://0x7f.1/", "http://127.1/",
        "http://site.example:port/", "", "http://%31%32%37.0.0.1/", "http://[::1", "https:site.example", "//",
        "http://site.\texample/", "\tjavascript:x", "http://２１３０７０６４３３/",
    ],
)  # fmt: skip
def test_a_redirect_to_what_is_no_web_address_is_the_sites_fault(
    serve, net: Net, public: Outbound, location: str
) -> None:
    server = serve(answering(redirect(location.encode().decode("latin-1")), redirect("http://127.0.0.1/")))
    net.ports = {PUBLIC: server.port}
    with pytest.raises(UpstreamOdd) as caught:
        public.fetch(Link.parse("http://site.example/"))
    assert caught.value.reason == "redirect-malformed"
    assert {address for address, _ in net.dialled} == {PUBLIC}


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/x/../y?q=1#f", b"/y?q=1"),
        ("next", b"/dir/next"),
        ("?p=2", b"/dir/page?p=2"),
        ("//other.example/z", b"/z"),
        ("/a b", b"/a%20b"),
        ("/\u00fc".encode().decode("latin-1"), b"/%C3%BC"),
        (" /padded ", b"/padded"),
        ("//other.example//z", b"//z"),
    ],
)
def test_redirects_are_followed_as_a_browser_does(
    serve, net: Net, public: Outbound, location: str, path: bytes
) -> None:
    server = serve(answering(redirect(location), page()))
    net.ports = {PUBLIC: server.port, OTHER_PUBLIC: server.port}
    found = public.fetch(Link.parse("http://site.example/dir/page"))
    assert found.hops == 1
    assert server.requests[1].split(b" ")[1] == path


@pytest.mark.parametrize(("hops", "works"), [(5, True), (6, False)])
def test_five_redirects_are_followed_and_no_more(serve, net: Net, public: Outbound, hops: int, works: bool) -> None:
    server = serve(
        answering(
            *[
                redirect(f"/{n}", status)
                for n, status in zip(range(hops), ["301 M", "302 F", "303 S", "307 T", "308 P", "302 F"], strict=False)
            ],
            page(),
        )
    )
    net.ports = {PUBLIC: server.port}
    if works:
        assert public.fetch(Link.parse("http://site.example/")).hops == 5
    else:
        with pytest.raises(LimitExceeded) as caught:
            public.fetch(Link.parse("http://site.example/"))
        assert caught.value.limit == "redirects"
        assert len(server.requests) == 6


def test_a_loop_ends(serve, net: Net, public: Outbound) -> None:
    server = serve(answering(redirect("/")))
    net.ports = {PUBLIC: server.port}
    with pytest.raises(LimitExceeded):
        public.fetch(Link.parse("http://site.example/"))


def test_a_huge_redirect_target_is_refused(serve, net: Net, public: Outbound) -> None:
    server = serve(answering(redirect("/" + "x" * 8_192)))
    net.ports = {PUBLIC: server.port}
    with pytest.raises(LimitExceeded) as caught:
        public.fetch(Link.parse("http://site.example/"))
    assert caught.value.limit == "redirect_target_chars"


def test_a_raw_request_is_under_the_same_rules(public: Outbound, net: Net) -> None:
    net.names["evil.example"] = ["10.0.0.1"]
    for url in ("http://127.0.0.1/", "http://localhost/", "http://evil.example/", "http://site.example:22/"):
        with pytest.raises(AddressRefused):
            public.request("POST", url, json={})
    with pytest.raises(BadLink):
        public.request("GET", "file:///etc/passwd")
    assert net.dialled == []


HOSTS = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
    st.integers(0, 2**32 - 1).map(str),
    st.integers(0, 2**32 - 1).map(hex),
    st.lists(
        st.sampled_from(["0x7f", "127", "0177", "0", "1", "00", "169", "254", "１２７", "①"]), min_size=1, max_size=5
    ).map(".".join),
    st.sampled_from(
        [
            "localhost",
            "a.local",
            "site.example",
            "evil.example",
            "127.0.0.1.",
            "site.example.",
            "evil。example",
            "[::ffff:127.0.0.1]",
        ]
    ),
    st.text(min_size=1, max_size=20),
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    host=HOSTS,
    user=st.sampled_from(["", "a@", "a:b@", "127.0.0.1\\@", "%31@", "#@", "?@"]),
    port=st.sampled_from(["", ":80", ":22", ":0080", ":", ":80:80", ":８０", ":65536", ":8443"]),
    path=st.sampled_from(["", "/", "/..//x", "?a", "#f", "\\x", "/@127.0.0.1/", "//127.0.0.1/"]),
    answers=st.lists(
        st.one_of(
            st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str), st.sampled_from(["127.0.0.1", "::1", PUBLIC])
        ),
        max_size=4,
    ),
)
def test_no_accepted_url_ever_dials_a_refused_address(
    host: str, user: str, port: str, path: str, answers: list[str]
) -> None:
    net = Net()
    outbound = Outbound(SMALL, Guard.make(Allow()), user_agent=AGENT, resolver=lambda *_: answers, dial=net.dial)
    with pytest.raises(UnfurlError):  # nothing listens anywhere: even a dial of a public address ends in an error
        outbound.fetch(Link.parse(f"http://{user}{host}{port}{path}"))
    for address, dialled_port in net.dialled:
        assert is_public(ip_address(address)) and dialled_port in PORTS


@settings(max_examples=200)
@given(st.lists(st.ip_addresses(), min_size=1, max_size=6))
def test_a_name_is_dialled_only_if_all_its_answers_are_public(answers: list[IPv4Address | IPv6Address]) -> None:
    net = Net()
    outbound = Outbound(
        SMALL, Guard.make(Allow()), user_agent=AGENT, resolver=lambda *_: [str(one) for one in answers], dial=net.dial
    )
    with pytest.raises(UnfurlError):
        outbound.fetch(Link.parse("http://site.example/"))
    good = all((found := parse_address(str(one))) is not None and is_public(found) for one in answers)
    assert bool(net.dialled) == good
