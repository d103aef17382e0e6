"""`bluesky-autofocus evaluate`: estimator and classical measures on recorded focal stacks."""

from .command import evaluate

__all__ = ["evaluate"]
