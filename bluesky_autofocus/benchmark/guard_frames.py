"""Frames that tell nothing about focus, and good ones beside them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..imaging import Illumination, expose
from .scenes import Scene, SceneSpec

__all__ = ["KINDS", "GuardFrame", "guard_frames"]

FRAMES_OF_SCENE = 20
REACH_DOF = 50.0
LIGHT = (0.05, 0.8)

SHADING_OF_BLANK = 0.4
FIXED_PATTERN = (0.001, 0.01)
JPEG_SHARE = 1 / 3
JPEG_QUALITY = (40, 96)

DARK_LEVELS = 2.0
CLIPPED_SHARE = 0.1
SATURATED_LIGHT = (0.6, 3.0)
BRIGHTER = 1.25


@dataclass(frozen=True)
class GuardFrame:
    """A frame and where it was taken.

    Parameters
    ----------
    frame : numpy.ndarray
        Shape (side, side), uint8 or uint16.
    u_dof : float
        Its defocus, depths of field.
    """

    frame: NDArray[np.unsignedinteger]
    u_dof: float


def _log_uniform(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(limits))))


def _blank(scene: Scene, rng: np.random.Generator) -> NDArray[np.unsignedinteger]:
    """Light on nothing: shading, fixed pattern and noise, through JPEG at times."""
    sensor = scene.spec.sensor
    light = Illumination(
        _log_uniform(rng, LIGHT),
        shading=float(rng.uniform(0, SHADING_OF_BLANK)),
        vignetting=float(rng.uniform(0, SHADING_OF_BLANK)),
    ).field(scene.shape)
    uneven = rng.standard_normal(scene.shape, dtype=np.float32)
    light = light * (1 + np.float32(_log_uniform(rng, FIXED_PATTERN)) * uneven)
    frame = expose(light, sensor, seed=int(rng.integers(2**31)))
    if sensor.bits != 8 or rng.random() >= JPEG_SHARE:
        return frame
    buffer = BytesIO()
    Image.fromarray(frame).save(buffer, "JPEG", quality=int(rng.integers(*JPEG_QUALITY)))
    with Image.open(buffer) as read:
        return np.asarray(read)


def _taken(
    scene: Scene, image: NDArray[np.float32], level: float, rng: np.random.Generator
) -> NDArray[np.unsignedinteger]:
    return scene.expose(image, level, int(rng.integers(2**31)))


def _dark(
    scene: Scene, image: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.unsignedinteger]:
    return _taken(scene, image, rng.uniform(0, DARK_LEVELS) / scene.spec.sensor.full_scale, rng)


def _saturated(
    scene: Scene, image: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.unsignedinteger]:
    level = _log_uniform(rng, SATURATED_LIGHT)
    frame = _taken(scene, image, level, rng)
    # Each round is brighter by a quarter: ten of them clip anything.
    while np.mean(frame >= scene.spec.sensor.full_scale) <= CLIPPED_SHARE:
        level *= BRIGHTER
        frame = _taken(scene, image, level, rng)
    return frame


def _good(
    scene: Scene, image: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.unsignedinteger]:
    # In bright light as much as 1 % of the sharp image clips, and no more: see `Scene.level`.
    most = scene.level("bright")
    return _taken(scene, image, _log_uniform(rng, (min(LIGHT[0], most), most)), rng)


_OF_A_SCENE: dict[str, Callable[..., NDArray[np.unsignedinteger]]] = {
    "dark": _dark,
    "saturated": _saturated,
    "good": _good,
}

KINDS: tuple[str, ...] = ("blank", *_OF_A_SCENE)
"""Kinds of frames; all but the last must be flagged."""


def guard_frames(spec: SceneSpec, kind: str) -> Iterator[GuardFrame]:
    """Take frames of one kind.

    Parameters
    ----------
    spec : SceneSpec
        Object, optics and sensor; a blank frame has no object.
    kind : str
        One of `KINDS`.

    Yields
    ------
    GuardFrame
        20 frames, U drawn evenly from ±50 depths of field.
    """
    scene, rng = Scene(spec), spec.rng(KINDS.index(kind))
    for _ in range(FRAMES_OF_SCENE):
        u = float(rng.uniform(-REACH_DOF, REACH_DOF))
        if kind == "blank":
            yield GuardFrame(_blank(scene, rng), u)
        else:
            yield GuardFrame(_OF_A_SCENE[kind](scene, scene.image(u), rng), u)
