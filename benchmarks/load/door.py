"""The webhook beside a bare view: the same requests, to the same server with the same settings, one after the other."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import requests

from benchmarks.load.world import Space, cpu_s, worker_of
from tests.world.service import ROOT, Service, free_port

CONNECTIONS = 8


@contextmanager
def bare_view() -> Iterator[tuple[int, int]]:
    """A Flask view that does nothing, under our gunicorn settings: its port, and the process that serves."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "benchmarks.load.bare:app"]
        environ = os.environ | {"HOST": "127.0.0.1", "PORT": str(port), "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=folder, env=environ, stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 20
            while not _answers(port):
                assert time.monotonic() < until
                time.sleep(0.1)
            yield port, worker_of(process.pid)
        finally:
            process.terminate()
            process.wait()


def rate(port: int, pid: int, letters: Sequence[bytes]) -> tuple[float, float]:
    """Requests a second, and milliseconds of processor time of the server for each."""
    parts = [letters[number::CONNECTIONS] for number in range(CONNECTIONS)]
    senders = [threading.Thread(target=_send, args=(port, part)) for part in parts]
    began, cpu = time.perf_counter(), cpu_s(pid)
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    took = time.perf_counter() - began
    return len(letters) / took, (cpu_s(pid) - cpu) / len(letters) * 1_000


def beside_a_bare_view(service: Service, space: Space, count: int) -> tuple[float, float, float, float]:
    """Requests a second of the webhook and of a bare view, then processor milliseconds of each."""
    letters = [bytes.fromhex(letter) for letter in space.ask("letters", organization="organization-0", count=count)]
    assert service.process is not None
    with bare_view() as (port, pid):
        rate(port, pid, letters[: count // 10])
        bare, bare_ms = rate(port, pid, letters[count // 10 :])
    pid = worker_of(service.process.pid)
    rate(service.port, pid, letters[: count // 10])
    ours, ours_ms = rate(service.port, pid, letters[count // 10 :])
    return ours, bare, ours_ms, bare_ms


def latencies_ms(port: int, letters: Sequence[bytes], pause_s: float) -> list[float]:
    """How long each answer took, one request at a time."""
    taken = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for letter in letters:
            began = time.perf_counter()
            _ask(connection, letter)
            taken.append((time.perf_counter() - began) * 1_000)
            time.sleep(pause_s)
    return taken


def _send(port: int, letters: Sequence[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for letter in letters:
            _ask(connection, letter)


def _ask(connection: socket.socket, letter: bytes) -> None:
    connection.sendall(letter)
    answer = connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
    # The body of these answers is empty: the head is all there is.
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65_536)


def _answers(port: int) -> bool:
    try:
        return requests.post(f"http://127.0.0.1:{port}/api/space", timeout=1).status_code == 200
    except requests.RequestException:
        return False
