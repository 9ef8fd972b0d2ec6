"""Secrets at rest."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from unfurler.store.secrets import CannotOpen, Vault, fingerprint

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def test_the_first_key_seals_and_every_one_opens():
    sealed = Vault([OLD]).seal("s")
    both = Vault([NEW, OLD])
    assert both.open(sealed) == "s"
    assert Vault([NEW]).open(both.seal("t")) == "t"


def test_without_its_key_a_secret_stays_shut():
    with pytest.raises(CannotOpen):
        Vault([NEW]).open(Vault([OLD]).seal("s"))


def test_what_was_altered_does_not_open():
    sealed = bytearray(Vault([OLD]).seal("s"))
    sealed[-5] ^= 1
    with pytest.raises(CannotOpen):
        Vault([OLD]).open(bytes(sealed))


def test_parts_that_run_together_have_different_fingerprints():
    assert fingerprint("ab", "c") != fingerprint("a", "bc")


def test_a_vault_shows_no_key():
    assert OLD not in repr(Vault([OLD]))
