"""After a mixed run the page says what happened, and nothing of whose it was."""

from __future__ import annotations

from tests.monitoring.conftest import CANARY


def test_links_are_counted_by_provider_end_and_reason(scrape):
    counted = {
        ("github", "posted", "none"): 2,
        ("github", "nothing", "not-found"): 1,
        ("generic", "posted", "none"): 1,
        ("generic", "nothing", "port-refused"): 1,
        ("none", "nothing", "no-provider"): 1,
    }
    for (provider, end, reason), count in counted.items():
        assert scrape.value("unfurler_links_total", provider=provider, end=end, reason=reason) == count
    assert scrape.value("unfurler_links_total") == 6


def test_the_time_of_a_link_is_that_from_the_queue_to_its_end(scrape):
    assert scrape.value("unfurler_link_seconds_count", end="posted") == 3
    assert 0.1 < scrape.value("unfurler_link_seconds_sum", end="posted") < 10


def test_what_was_remembered_and_what_was_asked_is_counted(scrape):
    assert scrape.value("unfurler_cards_total", cache="fresh") == 1
    assert scrape.value("unfurler_cards_total", cache="miss") == 5
    assert scrape.value("unfurler_provider_seconds_count", provider="github") == 3
    assert scrape.value("unfurler_provider_failures_total", provider="github", reason="not-found") == 1


def test_requests_are_counted_by_kind_outcome_and_status(scrape):
    assert scrape.value("unfurler_fetch_seconds_count", kind="space", outcome="answered", status="2xx") > 5
    assert scrape.value("unfurler_fetch_seconds_count", kind="api", outcome="answered", status="4xx") == 1
    assert scrape.value("unfurler_fetch_failures_total", kind="page", reason="port-refused") == 1


def test_clicks_refusals_and_answers_are_counted(scrape):
    assert scrape.value("unfurler_clicks_total", provider="github", outcome="shown") == 1
    assert scrape.value("unfurler_webhook_refusals_total", reason="signature-missing") == 1
    assert scrape.value("unfurler_webhook_seconds_count", outcome="refused") == 1
    assert scrape.value("unfurler_webhook_seconds_count", outcome="taken") >= 4
    assert scrape.value("unfurler_sign_ins_total", provider="none", outcome="no-such-sign-in") == 1
    assert scrape.value("unfurler_page_refusals_total", endpoint="none", status="404") == 1


def test_the_share_of_a_budget_that_is_left_is_said(scrape):
    assert scrape.value("unfurler_budget_left_ratio", provider="github", site="github.com") == 0.25


def test_passes_and_what_waits_are_said(scrape):
    assert scrape.value("unfurler_drain_seconds_count", outcome="done") >= 2
    assert scrape.value("unfurler_queue_items") == 0
    assert scrape.value("unfurler_queue_oldest_seconds") == 0
    assert scrape.value("unfurler_check_ok", check="database") == 1
    assert scrape.value("process_resident_memory_bytes") > 10_000_000


def test_nothing_says_whose_link_which_page_or_which_host_it_was(scrape, pages, watched):
    assert CANARY not in scrape.text
    assert str(pages.port) not in scrape.text
    assert watched.environ["UNFURLER_SECRET_KEYS"] not in scrape.text
