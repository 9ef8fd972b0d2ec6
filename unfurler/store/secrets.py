"""Secrets at rest: authenticated encryption; the first of the operator's keys seals, every one of them opens."""

from __future__ import annotations

import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class CannotOpen(Exception):
    """A stored secret that none of the configured keys opens."""


class Vault:
    """Seals and opens. Keys are URL-safe base64 of 32 bytes."""

    def __init__(self, keys: list[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def __repr__(self) -> str:
        return "Vault(***)"

    def seal(self, text: str) -> bytes:
        """Encrypted under the first key."""
        return self.seal_bytes(text.encode("utf-8", "surrogatepass"))

    def open(self, sealed: bytes) -> str:
        """What was sealed. Raises CannotOpen."""
        return self.open_bytes(sealed).decode("utf-8", "surrogatepass")

    def seal_bytes(self, plain: bytes) -> bytes:
        """Encrypted under the first key."""
        return self._fernet.encrypt(plain)

    def open_bytes(self, sealed: bytes) -> bytes:
        """What was sealed. Raises CannotOpen."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise CannotOpen(
                "none of UNFURLER_SECRET_KEYS opens a stored secret; add the key it was made with"
            ) from None


def fingerprint(*parts: str) -> str:
    """A hash by which something is found again without being kept readable."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
