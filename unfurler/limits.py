"""Every limit that keeps the service bounded, as one value that is handed to whoever needs it.

The numbers and the reasons for them are in docs/limits.md. Seconds end in `_s`, sizes in `_bytes` or `_chars`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Defaults; tests make their own with smaller numbers."""

    # How links look
    link_chars: int = 2_048
    redirect_target_chars: int = 8_192

    # Reaching other sites
    dns_s: float = 3.0
    connect_s: float = 3.0
    addresses: int = 4
    read_gap_s: float = 5.0
    page_fetch_s: float = 10.0
    page_bytes: int = 1_048_576
    file_head_bytes: int = 262_144
    redirects: int = 5
    headers: int = 100
    encodings: int = 2
    api_connect_s: float = 3.0
    api_read_s: float = 10.0
    api_call_s: float = 20.0
    api_bytes: int = 5_242_880
    space_call_s: float = 20.0
    fetches: int = 64
    fetches_per_host: int = 4
    retry_after_s: float = 900.0

    # A queue item
    items_per_organization: int = 16
    read_ahead_items: int = 1_000
    batch_items: int = 100
    item_life_s: float = 1_800.0
    tries: int = 5
    first_retry_s: float = 2.0
    provider_s: float = 60.0
    lease_s: float = 60.0
    posting_s: float = 40.0

    # What is remembered
    public_card_s: float = 86_400.0
    private_card_s: float = 300.0
    failure_s: float = 120.0
    final_failure_s: float = 1_800.0
    cache_entries: int = 20_000
    cache_bytes: int = 8_388_608
    record_days: int = 90

    # The webhook
    payload_bytes: int = 1_048_576
    payload_read_s: float = 10.0
    timestamp_tolerance_s: float = 300.0
    replay_memory_s: float = 660.0
    key_refetch_s: float = 60.0
    init_s: float = 10.0
    clicks_per_second: float = 3.0
    same_click_s: float = 30.0
    same_failed_click_s: float = 3.0

    # Several processes
    redis_s: float = 0.3
    redis_rest_s: float = 1.0
    one_maker_s: float = 5.0

    # Ours
    sweep_s: float = 120.0
    shutdown_s: float = 30.0
