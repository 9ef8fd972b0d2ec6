"""TLS is checked against the host in the URL."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.fetch.internet import AGENT, HURRIED, PUBLIC, ROOM_S, SMALL, Net, Server, answering, page, sending
from unfurler.fetch import Allow, Guard, Outbound, Proxy
from unfurler.fetch.connect import system_trust
from unfurler.limits import Limits
from unfurler.sdk.errors import UpstreamDown, UpstreamSlow
from unfurler.sdk.link import Link


class Authority:
    """A certificate authority of our own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        self.certificate = self._sign(self._name, self._key.public_key(), None)
        self.path = folder / "ca.pem"
        self.path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.path))

    def server(self, *names: str, days: int = 1) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(x509.Name([]), key.public_key(), names, days)
        path = self._folder / f"{names[0].replace('*', '_').replace(':', '-')}{days}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, names: tuple[str, ...] | None, days: int = 1
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=9))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
        )
        if names:
            made = made.add_extension(x509.SubjectAlternativeName([_name(one) for one in names]), critical=not name)
        return made.sign(self._key, hashes.SHA256())


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def over_tls(
    context: ssl.SSLContext, handle: Callable[[socket.socket, Server], None]
) -> Callable[[socket.socket, Server], None]:
    def secured(sock: socket.socket, server: Server) -> None:
        with context.wrap_socket(sock, server_side=True) as tls:
            handle(tls, server)

    return secured


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def secured(net: Net, authority: Authority, limits: Limits) -> Outbound:
    return Outbound(
        limits, Guard.make(Allow()), user_agent=AGENT, resolver=net.resolve, dial=net.dial, trust=authority.trust
    )


@pytest.fixture
def secure(net: Net, authority: Authority) -> Outbound:
    return secured(net, authority, SMALL)


@pytest.fixture
def hurried(net: Net, authority: Authority) -> Outbound:
    return secured(net, authority, HURRIED)


@pytest.mark.parametrize(
    ("names", "url"),
    [
        (("site.example",), "https://site.example/"),
        (("*.site.example",), "https://a.site.example/"),
        ((PUBLIC,), f"https://{PUBLIC}/"),
    ],
)
def test_a_certificate_for_the_host_is_good(
    serve, net: Net, authority: Authority, secure: Outbound, names, url: str
) -> None:
    asked: list[str | None] = []
    context = authority.server(*names)
    context.sni_callback = lambda _sock, name, _context: asked.append(name)
    server = serve(over_tls(context, answering(page())))
    net.ports = {PUBLIC: server.port}
    net.names["a.site.example"] = [PUBLIC]
    assert secure.fetch(Link.parse(url)).whole
    host = url.split("/")[2]
    assert asked == ([None] if host == PUBLIC else [host])
    assert b"Host: %s\r\n" % host.encode() in server.requests[0]


@pytest.mark.parametrize(
    ("names", "days"),
    [(("other.example",), 1), ((PUBLIC,), 1), (("*.example.org",), 1), (("site.example",), -1), (("*.example",), -1)],
)
def test_a_certificate_for_anything_else_is_refused(
    serve, net: Net, authority: Authority, secure: Outbound, names, days: int
) -> None:
    server = serve(over_tls(authority.server(*names, days=days), answering(page())))
    net.ports = {PUBLIC: server.port}
    with pytest.raises(UpstreamDown) as caught:
        secure.fetch(Link.parse("https://site.example/"))
    assert (caught.value.reason, caught.value.retry) == ("certificate-invalid", False)
    assert server.requests == []


def test_the_certificate_of_an_unknown_authority_is_refused(
    serve, net: Net, authority: Authority, tmp_path: Path, monkeypatch
) -> None:
    server = serve(over_tls(authority.server("site.example"), answering(page())))
    net.ports = {PUBLIC: server.port}
    for name in ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(authority.path))
    outbound = Outbound(SMALL, Guard.make(Allow()), user_agent=AGENT, resolver=net.resolve, dial=net.dial)
    with pytest.raises(UpstreamDown) as caught:
        outbound.fetch(Link.parse("https://site.example/"))
    assert caught.value.reason == "certificate-invalid"


def test_the_usual_trust_checks_names_and_knows_authorities() -> None:
    context = system_trust()
    assert context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED
    assert len(context.get_ca_certs()) > 50


def test_plain_text_on_a_secure_port_is_an_error(serve, net: Net, secure: Outbound) -> None:
    server = serve(lambda sock, _: sock.recv(65_536) and sock.sendall(page()))
    net.ports = {PUBLIC: server.port}
    with pytest.raises(UpstreamDown) as caught:
        secure.fetch(Link.parse("https://site.example/"))
    assert caught.value.reason == "tls-failed"


def test_no_request_goes_out_where_the_handshake_is_broken_off(serve, net: Net, secure: Outbound) -> None:
    def break_off(sock: socket.socket, server: Server) -> None:
        sock.recv(1)
        sock.sendall(page())

    server = serve(break_off)
    net.ports = {PUBLIC: server.port}
    for call in (
        lambda: secure.fetch(Link.parse("https://site.example/")),
        lambda: secure.request("POST", "https://site.example/", data=b"x"),
    ):
        with pytest.raises(UpstreamDown):
            call()


def silent(sock: socket.socket, _server: Server) -> None:
    sock.recv(65_536)
    sock.recv(1)


def drip(sock: socket.socket, _server: Server) -> None:
    sock.recv(65_536)
    for _ in range(200):
        sock.sendall(b"\x16\x03\x03\x40\x00" if _ == 0 else b"\x02")
        time.sleep(0.05)


@pytest.mark.parametrize("handle", [silent, drip])
def test_a_handshake_that_takes_for_ever_ends_in_time(serve, net: Net, hurried: Outbound, handle) -> None:
    server = serve(handle)
    net.ports = {PUBLIC: server.port}
    began = time.monotonic()
    with pytest.raises(UpstreamSlow):
        hurried.fetch(Link.parse("https://site.example/"))
    assert time.monotonic() - began < HURRIED.page_fetch_s + ROOM_S
    assert server.gone.wait(ROOM_S)


@pytest.mark.parametrize("pieces", [(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n")])
def test_an_answer_that_drips_through_tls_ends_in_time(
    serve, net: Net, authority: Authority, hurried: Outbound, pieces
) -> None:
    server = serve(over_tls(authority.server("site.example"), sending(*pieces, pause_s=0.04, again=True)))
    net.ports = {PUBLIC: server.port}
    began = time.monotonic()
    with pytest.raises(UpstreamSlow):
        hurried.fetch(Link.parse("https://site.example/"))
    assert time.monotonic() - began < HURRIED.page_fetch_s + ROOM_S


def test_secure_connections_are_kept_for_apis(serve, net: Net, authority: Authority, secure: Outbound) -> None:
    server = serve(over_tls(authority.server("site.example"), answering(page(b"{}"))))
    net.ports = {PUBLIC: server.port}
    for _ in range(4):
        assert secure.request("POST", "https://site.example/", json={}).status == 200
    assert server.connections <= 2  # session tickets that arrive late look like a closed connection, once


def test_a_tunnel_through_the_operators_proxy_ends_at_the_host_itself(serve, net: Net, authority: Authority) -> None:
    context = authority.server("site.example")

    def proxy(sock: socket.socket, server: Server) -> None:
        server.request(sock)
        sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        over_tls(context, answering(page()))(sock, server)

    server = serve(proxy)
    net.names["proxy.corp"] = ["10.0.0.9"]
    net.ports = {"10.0.0.9": server.port}
    outbound = Outbound(
        SMALL,
        Guard.make(Allow()),
        user_agent=AGENT,
        resolver=net.resolve,
        dial=net.dial,
        trust=authority.trust,
        proxy=Proxy.parse("http://me:secret@proxy.corp:3128"),
    )
    assert outbound.fetch(Link.parse("https://site.example/a")).whole
    connect, get = server.requests
    assert connect.startswith(b"CONNECT site.example:443 ") and get.startswith(
        b"GET /a HTTP/1.1\r\nHost: site.example\r\n"
    )
    assert b"Proxy-Authorization" in connect and b"Proxy-Authorization" not in get
    with pytest.raises(UpstreamDown) as caught:
        outbound.fetch(Link.parse("https://other.example/a"))
    assert caught.value.reason == "certificate-invalid"
