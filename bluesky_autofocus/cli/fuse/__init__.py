"""`bluesky-autofocus fuse`: a focal stack becomes one sharp image with its heights."""

from .command import fuse

__all__ = ["fuse"]
