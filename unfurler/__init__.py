"""A link unfurl provider for JetBrains Space."""
