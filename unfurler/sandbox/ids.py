"""Identifiers in the form Space gives them."""

from __future__ import annotations

import secrets
import string

ALPHABET = string.digits + string.ascii_letters


def new_id() -> str:
    """Twelve letters and digits, such as `2BgVYn24Jx6u`."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))


def new_secret() -> str:
    """A client secret or signing key: 48 hexadecimal digits."""
    return secrets.token_hex(24)
