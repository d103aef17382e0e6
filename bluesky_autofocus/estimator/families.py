"""Which textures the estimator learns from, and which it must never have seen."""

from ..imaging import BUNDLED, FAMILIES

__all__ = ["CALIBRATION", "HELD_OUT", "TRAINING", "TRAINING_IMAGES"]

HELD_OUT: tuple[str, ...] = ("speckle", "cells", "crystals", "fibres", "lithography", "text")
"""Families for the benchmark alone: neither trained on nor looked at while choosing a model."""

CALIBRATION: tuple[str, ...] = ("grain", "powder", "scratches", "hammered", "droplets")
"""Families on which models are compared and their uncertainty is scaled."""

TRAINING: tuple[str, ...] = tuple(f for f in FAMILIES if f not in HELD_OUT + CALIBRATION)
"""Families to train on."""

TRAINING_IMAGES: tuple[str, ...] = BUNDLED
"""Photographs to train on: those that scikit-image brings along."""
