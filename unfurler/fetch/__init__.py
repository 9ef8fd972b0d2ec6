"""How other sites are reached: one guarded way out for every request.

Built once, at the start:

    guard = Guard.make(Allow.parse("wiki.corp.example, *.lan:8443, 10.20.0.0/16"), own_origin="https://unfurl.example")
    outbound = Outbound(Limits(), guard, user_agent="Unfurler/0.1 (+https://unfurl.example)",
                        memory=cache, pacing=Pacing(cache), proxy=None, observe=metrics.finished)

A page or file anywhere; `came_from=page` for what that page leads to by itself (meta refresh, oEmbed address):

    page = outbound.fetch(link, language="en", enough=lambda so_far: b"</head>" in so_far)  # a Document, and more
    tail = outbound.fetch_end(page, 65_536)

One site for one viewer, as `unfurler.sdk.Api`; `guard.also` opens the configured origins for this provider alone:

    rules = guard.also([site_url, api_url])
    api = outbound.api(Site(site_url, api_url, rules, viewer="org/42", authorization="Bearer …", link=link))
    issue = api.get("repos", "o", "r", "issues", 7).json()

A raw request, for Space, keys and sign-in: any status comes back, no redirect is followed, connections are kept:

    rules = guard.also(["http://127.0.0.1:9000"])
    reply = outbound.request("POST", "http://127.0.0.1:9000/oauth/token", guard=rules, kind="space",
                             data={"grant_type": "client_credentials"}, headers={"Authorization": "Basic …"})
    reply.status, reply.headers["content-type"], reply.json()
"""

from unfurler.fetch.allow import Allow
from unfurler.fetch.api import Site, SiteApi
from unfurler.fetch.circuits import Circuits
from unfurler.fetch.guard import Guard
from unfurler.fetch.memory import Memory
from unfurler.fetch.outbound import Outbound, RawReply
from unfurler.fetch.pacing import Pacing
from unfurler.fetch.pages import Fetched
from unfurler.fetch.proxy import Proxy
from unfurler.fetch.session import Finished

__all__ = [
    "Allow",
    "Circuits",
    "Fetched",
    "Finished",
    "Guard",
    "Memory",
    "Outbound",
    "Pacing",
    "Proxy",
    "RawReply",
    "Site",
    "SiteApi",
]
