"""The service under load on loopback."""
