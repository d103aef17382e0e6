"""`bluesky-autofocus replay`: stored runs done again."""

from .command import replay

__all__ = ["replay"]
