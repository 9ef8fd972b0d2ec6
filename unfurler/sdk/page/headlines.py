"""The title of a page."""

from __future__ import annotations

from unfurler.sdk.page import titles
from unfurler.sdk.page.sources import Sources
from unfurler.sdk.page.text import as_written


def title(sources: Sources, site_name: str | None) -> str | None:
    """The headline; of a recipe the name that its data gives, for the headline praises it."""
    name = as_written(sources.data.text(sources.main.get("headline") or sources.main.get("name")))
    if name and sources.main_kind == "recipe":
        return name
    declared = (sources.graph_title, as_written(sources.raw.first("twitter:title")), name)
    return titles.choose(
        list(dict.fromkeys(text for text in declared if text)),
        sources.heading,
        sources.document_title,
        site_name,
        sources.host,
    )
