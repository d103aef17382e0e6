"""Simulated focal stacks for the tests of fusion."""

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import optics_of_sampling

SIDE_PX = 256


def sphere(side_px: int, top_dof: float) -> NDArray[np.float32]:
    """A cap that falls from its top in the middle of the frame."""
    y, x = np.mgrid[-1 : 1 : side_px * 1j, -1 : 1 : side_px * 1j]
    return (top_dof * np.sqrt(1 - (x * x + y * y) / 2.5)).astype(np.float32)


def draw_stack(
    relief_dof: NDArray[np.floating],
    z_dof: NDArray[np.floating],
    *,
    level: float = 0.4,
    blank: slice = slice(0),
    family: str = "powder",
) -> NDArray[np.uint8]:
    """Frames of a sample with heights, taken at positions; the upper rows may be blank."""
    side = relief_dof.shape[0] * 9 // 8
    radiance = procedural_object(family, (side, side), seed=11)
    margin = (side - relief_dof.shape[0]) // 2
    radiance[margin : margin + relief_dof.shape[0]][blank] = radiance.mean()
    renderer = Renderer(radiance, optics_of_sampling(1.0), frame_shape=relief_dof.shape)
    return np.stack(
        [
            expose(renderer.image(relief_dof - np.float32(c)) * level, Sensor(), seed=[7, k])
            for k, c in enumerate(z_dof)
        ]
    )
