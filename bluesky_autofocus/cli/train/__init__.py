"""`bluesky-autofocus train`: make the estimator's weights, or fit them to one's own sweeps."""

from .command import train

__all__ = ["train"]
