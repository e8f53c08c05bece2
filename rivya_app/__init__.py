"""A team workspace on Rivya's public API."""

__version__ = "0.1.0"
