"""Which version this is: the installed package's, or that of the checkout."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("unfurler")
except PackageNotFoundError:
    VERSION = "0.1.0"
