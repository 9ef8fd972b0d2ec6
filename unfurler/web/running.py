"""What a process does by itself: set up and drain at its start, look again now and then, forget what is old."""

from __future__ import annotations

import threading
import time

import structlog

from unfurler.store.clicks import forget_old_clicks, settle_interrupted
from unfurler.store.forms import forget_old_forms
from unfurler.store.queue_items import forget_old_items
from unfurler.web.service import Service

log = structlog.get_logger(__name__)

_DAY_S = 86_400.0
_NOT_READY_S = 5.0
# Longer than anything that a form began may take, or waits to be told of.
_FORM_S = 1_200.0
_NEARLY = 0.9


def start_working(service: Service, *, works: bool) -> None:
    """Begin, in threads of their own; a process that `works` says to the others that it lives."""
    look = threading.Event()
    for name, run in (
        ("drains-clock", service.drains.keep_time),
        ("setups-clock", service.setups.keep_time),
        ("sweep", lambda: _sweep_for_ever(service, look)),
    ):
        threading.Thread(target=run, name=name, daemon=True).start()
    if service.sharing.several:
        threading.Thread(target=lambda: service.sharing.watch(look, works=works), name="watch", daemon=True).start()


def _sweep_for_ever(service: Service, look: threading.Event) -> None:
    started = False
    turns = service.sharing.small_memory()
    while True:
        called = look.is_set()
        if called:
            time.sleep(service.sharing.settles_s)
            look.clear()
        try:
            if not started:
                _start(service)
                started = True
                called = True
            # One of all processes is enough, but for what this one saw itself.
            if called or turns.add("turn:sweep", b"1", service.limits.sweep_s * _NEARLY):
                _sweep(service)
        except Exception:
            # The database may be away, or not migrated yet.
            log.warning("sweep.failed", exc_info=True)
        look.wait(service.limits.sweep_s if started else _NOT_READY_S)


def _start(service: Service) -> None:
    settings = service.configuration.settings
    if settings.space_server_url and settings.space_client_id:
        service.installer.keep_manual(settings.space_client_id, settings.space_server_url)
    for organization in service.organizations.ids():
        service.setups.ask(organization)


def _sweep(service: Service) -> None:
    """A notification may have been lost: every organization's queue is looked at."""
    for organization in service.organizations.ids():
        service.drains.ask(organization)
    service.look_after_presses()
    settle_interrupted(service.database, time.time() - _FORM_S, time.time())
    before = time.time() - service.limits.record_days * _DAY_S
    forget_old_items(service.database, before)
    forget_old_clicks(service.database, before)
    forget_old_forms(service.database, time.time())
    service.people.entry.forget_old(time.time())
