"""Drop-in autofocus for Bluesky beamlines and microscopes."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("bluesky-autofocus")
