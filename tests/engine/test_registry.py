"""Which provider owns a link."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfurler.engine.registry import Installed, Registry, RegistryConflict, check_alone
from unfurler.sdk.card import Card
from unfurler.sdk.link import Link
from unfurler.sdk.provider import Provider, ProviderFault, Site, Sites


def provider(name: str, *rules: str, hosts: tuple[str, ...] = ("tracker.example",)) -> Provider:
    """A provider whose functions take whatever their rule gives."""
    made = Provider(name, title=name, sites=Sites(*hosts))
    for rule in rules:
        names = [part.partition(">")[0].rpartition(":")[2] for part in rule.split("<")[1:]]
        function = eval(f"lambda link, api, {', '.join(names)}: Card('x')", {"Card": Card})
        made.link(rule)(function)
    return made


def public(made: Provider) -> Installed:
    return Installed(made, (made.sites.public,))


def at(made: Provider, *urls: str) -> Installed:
    return Installed(made, tuple(Site(url, url) for url in urls))


def everything(*domains: str) -> Installed:
    generic = Provider("generic", title="Page", sites=Sites.every())
    generic.link("*")(lambda link, api: Card("x"))
    return Installed(generic, (), domains)


def found(registry: Registry, url: str):
    match = registry.match(Link.parse(url))
    return None if match is None else (match.provider.name, dict(match.arguments))


ISSUES = provider("tracker", "/<project>/issues/<int:number>", hosts=("tracker.example", "www.tracker.example"))


@pytest.mark.parametrize(
    ("url", "arguments"),
    [
        ("https://tracker.example/a/issues/1", {"project": "a", "number": 1}),
        ("https://tracker.example/a/issues/1/", {"project": "a", "number": 1}),
        ("http://TRACKER.example:80/a/issues/1", {"project": "a", "number": 1}),
        ("https://www.tracker.example/a/issues/1?x=y#z", {"project": "a", "number": 1}),
        ("https://tracker.example/x/../a/issues/1", {"project": "a", "number": 1}),
        ("https://tracker.example/%61/issues/1", {"project": "a", "number": 1}),
        ("https://tracker.example/пр/issues/7", {"project": "пр", "number": 7}),
    ],
)
def test_a_link_in_any_of_its_spellings_is_its_providers(url, arguments):
    assert found(Registry([public(ISSUES)]), url) == ("tracker", arguments)


@pytest.mark.parametrize(
    "url",
    [
        "https://tracker.example/",
        "https://tracker.example/a/issues/x",
        "https://tracker.example/a/issues/1/2",
        "https://tracker.example/a/b%2Fissues/1",
        "https://tracker.example:8443/a/issues/1",
        "https://tracker.example.evil.example/a/issues/1",
        "https://api.tracker.example/a/issues/1",
        "https://tracker.example/../a/issues/",
        "https://[::1]/a/issues/1",
        "https://127.0.0.1/a/issues/1",
        "https://" + "a" * 63 + ".example/a/issues/1",
    ],
)
def test_what_only_looks_like_it_is_nobodys(url):
    assert found(Registry([public(ISSUES)]), url) is None


def test_instances_on_hosts_ports_and_paths_are_told_apart():
    registry = Registry([at(ISSUES, "https://a.example/tracker", "http://b.example:8080", "https://b.example")])
    sites = {
        "https://a.example/tracker/x/issues/1": "https://a.example/tracker",
        "http://b.example:8080/x/issues/1": "http://b.example:8080",
        "https://b.example/x/issues/1": "https://b.example",
    }
    assert {url: registry.match(Link.parse(url)).site.url for url in sites} == sites
    assert found(registry, "https://a.example/x/issues/1") is None
    assert registry.domains == ["a.example", "b.example"]


def test_an_international_name_is_matched_and_registered_in_its_ascii_form():
    registry = Registry([at(ISSUES, "https://bücher.example")])
    assert found(registry, "https://BÜCHER.example/a/issues/1") == ("tracker", {"project": "a", "number": 1})
    assert registry.domains == ["xn--bcher-kva.example"]


def test_a_name_is_registered_without_port_and_an_address_whole():
    registry = Registry([at(ISSUES, "http://b.example:8080", "http://[::1]:9000"), everything("c.example:8443")])
    assert registry.domains == ["[::1]", "b.example", "c.example"]


QUERY = provider(
    "items",
    "/item?id=<int:number>",
    "/item?id=<int:number>&tab=<tab>",
    "/item?id=<int:number>&tab=all",
    "/watch?v=<video>",
)


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("item?id=7", {"number": 7}),
        ("item?x=1&id=7&id=8", {"number": 7}),
        ("item?id=7&tab=new", {"number": 7, "tab": "new"}),
        ("item?id=7&tab=all", {"number": 7}),
        ("watch?v=a%20b", {"video": "a b"}),
    ],
)
def test_a_rule_may_go_on_in_the_query(path, arguments):
    assert found(Registry([public(QUERY)]), f"https://tracker.example/{path}") == ("items", arguments)


@pytest.mark.parametrize(
    "path", ["item", "item?id=", "item?id=x", "item?ID=7", "watch?v=a%2Fb", "item?id=" + "9" * 1_900]
)
def test_a_query_that_does_not_fit_is_nobodys_and_no_error(path):
    assert found(Registry([public(QUERY)]), f"https://tracker.example/{path}") in (
        None,
        ("items", {"number": int("9" * 1_900)}),
    )


@pytest.mark.parametrize(
    ("domains", "url", "covered"),
    [
        (("docs.example",), "https://docs.example/x", True),
        (("docs.example",), "http://docs.example:8080/x", True),
        (("docs.example",), "https://a.b.docs.example/x", True),
        (("docs.example",), "https://notdocs.example/x", False),
        (("docs.example:8443",), "https://docs.example:8443/x", True),
        (("docs.example:8443",), "https://a.docs.example:8443/x", True),
        (("docs.example:8443",), "https://docs.example/x", False),
        (("docs.example:443",), "https://docs.example/x", True),
        (("docs.example:443",), "http://docs.example/x", False),
        (("docs.example:80",), "http://docs.example/x", True),
        (("docs.example:80",), "https://docs.example/x", False),
        (("127.0.0.1:9000",), "http://127.0.0.1:9000/x", True),
    ],
)
def test_the_provider_of_any_page_covers_its_domains(domains, url, covered):
    assert (found(Registry([everything(*domains)]), url) is not None) == covered


def test_the_provider_of_any_page_comes_last():
    registry = Registry([everything("tracker.example"), public(ISSUES)])
    assert found(registry, "https://tracker.example/a/issues/1")[0] == "tracker"
    assert found(registry, "https://tracker.example/about")[0] == "generic"


@pytest.mark.parametrize(
    ("one", "other"),
    [("/<a>/x", "/<b>/x"), ("/<a>", "/<string:b>"), ("/a", "/a/"), ("/<int:a>", "/<int:b>"), ("/a?x=<y>", "/a?z=<y>")],
)
def test_two_providers_that_claim_one_shape_stop_the_start_and_both_are_named(one, other):
    with pytest.raises(RegistryConflict, match=r"first.*second.*tracker\.example"):
        Registry([public(provider("first", one)), public(provider("second", other))])


def test_the_same_shape_on_two_hosts_is_no_conflict():
    Registry(
        [
            public(provider("first", "/<a>", hosts=("a.example",))),
            public(provider("second", "/<a>", hosts=("b.example",))),
        ]
    )


@pytest.mark.parametrize(
    "rules",
    [
        ("/<a>/x", "/<b>/x"),
        ("/<a>", "/<default:b>"),
        ("/a", "/a/"),
        ("/a?x=<y>", "/a?x=<z>"),
        ("/<nope:a>",),
        ("/a?x=<nope:y>",),
        ("/<a",),
    ],
)
def test_a_provider_that_contradicts_itself_is_found_out_alone(rules):
    with pytest.raises((ProviderFault, LookupError, ValueError)):
        check_alone(provider("bad", *rules))


def test_rules_that_differ_only_in_a_word_of_the_query_are_two_kinds_of_link():
    made = provider("tabs", "/a?tab=issues", "/a?tab=pulls")
    registry = Registry([public(made)])
    rules = [
        registry.match(Link.parse(f"https://tracker.example/a?tab={tab}")).rule.rule for tab in ("issues", "pulls")
    ]
    assert rules == ["/a?tab=issues", "/a?tab=pulls"]


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=60), st.text(max_size=30))
def test_no_path_and_no_query_makes_matching_fail(path, query):
    registry = Registry([public(ISSUES), everything("docs.example")])
    for host in ("tracker.example", "docs.example", "nobody.example"):
        try:
            link = Link.parse(f"https://{host}/{path}?{query}")
        except Exception:
            continue
        registry.match(link)


def test_a_thousand_providers_are_matched_as_fast_as_ten():
    def per_match(count: int) -> float:
        registry = Registry(
            [
                public(provider(f"p{n}", "/<project>/issues/<int:number>", hosts=(f"h{n}.example",)))
                for n in range(count)
            ]
        )
        links = [Link.parse(f"https://h{n % count}.example/a/issues/{n}") for n in range(200)]
        best = 1.0
        for _ in range(5):
            began = time.process_time()
            for link in links:
                assert registry.match(link)
            best = min(best, time.process_time() - began)
        return best / len(links)

    few, many = per_match(10), per_match(1_000)
    assert many < 3 * few + 20e-6
