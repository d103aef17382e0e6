"""`bluesky-autofocus calibrate`."""

from .command import calibrate

__all__ = ["calibrate"]
