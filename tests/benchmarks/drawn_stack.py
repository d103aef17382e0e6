"""Simulated focal stacks for the tests of fusion."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform

from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import optics_of_sampling

SIDE_PX = 256


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


def moved_stack(
    planes: NDArray[np.uint8], shifts_px: NDArray[np.floating], magnifications: NDArray[np.floating]
) -> NDArray[np.uint8]:
    """The planes as a camera sees them that shifts and breathes."""
    out = np.empty_like(planes)
    for k, (plane, shift, m) in enumerate(zip(planes, shifts_px, magnifications, strict=True)):
        middle = (np.array(plane.shape) - 1) / 2
        start = middle - (middle + shift) / m
        image = affine_transform(plane.astype(float), [1 / m, 1 / m], start, mode="mirror")
        out[k] = np.clip(np.rint(image), 0, 255)
    return out
