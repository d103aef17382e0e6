"""Procedural textures by family: functions of a random generator and a shape.

Every texture is periodic, with values of about 0 to 1: the share of the light that the object sends
on.
"""

from collections.abc import Callable

import numpy as np

from . import fields, marks, outlines, patterns, regions, things
from .canvas import Array

__all__ = ["FAMILIES", "TEXTURES"]

TEXTURES: dict[str, Callable[[np.random.Generator, tuple[int, int]], Array]] = {
    function.__name__: function
    for function in (
        fields.noise_fine,
        fields.noise_medium,
        fields.noise_coarse,
        fields.noise_band,
        fields.speckle,
        fields.blobs,
        regions.cells,
        regions.grain,
        things.beads,
        things.particles,
        things.powder,
        things.crystals,
        things.fibres,
        things.scratches,
        patterns.lithography,
        patterns.checker,
        patterns.grating,
        patterns.star,
        patterns.mesh,
        patterns.text,
        outlines.ridges,
        outlines.patchwork,
        outlines.cracks,
        outlines.hammered,
        outlines.clusters,
        marks.points,
        marks.halftone,
        marks.code,
        marks.pavement,
        marks.bubbles,
        marks.droplets,
    )
}

FAMILIES: tuple[str, ...] = tuple(TEXTURES)
"""Names of the families of procedural textures."""
