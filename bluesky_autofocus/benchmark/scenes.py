"""Held-out scenes: textures the estimator never learned from, optics, light and sensor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..estimator.families import HELD_OUT
from ..imaging import Aberrations, Illumination, Renderer, Sensor, expose, procedural_object
from ..optics import optics_of_sampling

__all__ = ["LIGHTS", "PURPOSES", "MakeObject", "Scene", "SceneSpec", "draw_scenes"]

MakeObject: TypeAlias = Callable[[tuple[int, int]], NDArray[np.float32]]
"""Makes an object from its rows and columns."""

LIGHTS: dict[str, float] = {"bright": 0.8, "normal": 0.24, "dark": 0.08}
"""Mean light as a fraction of full well, 10 : 3 : 1 at one exposure time."""

PURPOSES = (
    "frames",
    "weak",
    "stacks",
    "decision",
    "maps",
    "guards",
    "fit",
    "latency",
    "search",
    "search guards",
)
"""What scenes are drawn for; each has random numbers of its own."""

NAMESPACE = 0xBE
"""Keeps the random numbers of the benchmark apart from those of training."""

SAMPLING_Q = tuple(round(0.6 + 0.1 * k, 1) for k in range(15))

# The object is larger than the frame, so that no two borders of the frame fit one another.
OBJECT_MARGIN = 8
MOST_CLIPPED = 0.01
ABERRATED_EVERY = 3
ABERRATION_WAVES = (0.005, 0.03)
# Farther out blur hides aberrations as small as these, and they take long to render.
ABERRATED_TO_DOF = 10.0


@dataclass(frozen=True)
class SceneSpec:
    """Everything that makes a scene, as numbers that another process can be told.

    Parameters
    ----------
    index : int
        Number of the scene among those of its purpose.
    seed : int
        Of the object, and of whatever else is drawn for the scene.
    family : str
        Texture family of the object, or its name.
    contrast : float
        Factor on the object's deviations from its mean, 0 for none.
    sampling_q : float
        Sample pixel over ``λ / 4 NA``.
    side_px : int
        Rows and columns of a frame.
    sensor : Sensor
        The camera.
    shading, vignetting : float
        Unevenness of the light, as `Illumination` has it.
    aberrations : Aberrations
        Of the pupil; none in two thirds of the scenes.
    """

    index: int
    seed: int
    family: str
    contrast: float
    sampling_q: float
    side_px: int
    sensor: Sensor
    shading: float
    vignetting: float
    aberrations: Aberrations

    def rng(self, stream: int) -> np.random.Generator:
        """Random numbers for what is drawn beside the scene itself.

        Parameters
        ----------
        stream : int
            Another number gives other random numbers.

        Returns
        -------
        numpy.random.Generator
            The same at every call.
        """
        return np.random.default_rng([NAMESPACE, self.seed, self.index, stream])


def draw_scenes(
    seed: int,
    purpose: str,
    count: int,
    *,
    side_px: int,
    contrast: tuple[float, float] = (0.3, 1.0),
    families: Sequence[str] = HELD_OUT,
) -> list[SceneSpec]:
    """Draw scenes, the families in turn, 8 and 12 bits in turn.

    Parameters
    ----------
    seed : int
        Of the whole benchmark.
    purpose : str
        One of `PURPOSES`; scenes of two purposes have nothing in common.
    count : int
        How many.
    side_px : int
        Rows and columns of a frame.
    contrast : (float, float), default (0.3, 1)
        Range of the contrast.
    families : sequence of str, optional
        Texture families, or names of other objects; default: the families held out from training.

    Returns
    -------
    list of SceneSpec
        The first ones stay the same when `count` grows.
    """
    out = []
    for index in range(count):
        rng = np.random.default_rng([seed, NAMESPACE, PURPOSES.index(purpose), index])
        round_of_families = index // len(families)
        aberrated = (index + round_of_families) % ABERRATED_EVERY == 0
        out.append(
            SceneSpec(
                index=index,
                seed=int(rng.integers(2**31)),
                family=families[index % len(families)],
                contrast=float(rng.uniform(*contrast)),
                sampling_q=float(rng.choice(SAMPLING_Q)),
                side_px=side_px,
                sensor=Sensor(
                    bits=(8, 12)[(index + round_of_families) % 2],
                    full_well_e=float(rng.uniform(10e3, 30e3)),
                    read_noise_e=float(rng.uniform(2, 8)),
                ),
                shading=float(rng.uniform(0, 0.2)),
                vignetting=float(rng.uniform(0, 0.2)),
                aberrations=_draw_aberrations(rng) if aberrated else Aberrations(),
            )
        )
    return out


def _draw_aberrations(rng: np.random.Generator) -> Aberrations:
    """Draw a direction evenly among the five coefficients, and a size."""
    direction = rng.standard_normal(5)
    size = rng.uniform(*ABERRATION_WAVES) / sqrt(float(direction @ direction))
    return Aberrations(*(float(size * d) for d in direction))


class Scene:
    """A scene that can be rendered at any defocus and photographed in any light.

    Parameters
    ----------
    spec : SceneSpec
        What it is made of.
    make_object : callable, optional
        Makes the periodic object of mean 1 from its shape; default: of the spec's family.
    """

    def __init__(self, spec: SceneSpec, make_object: MakeObject | None = None) -> None:
        self.spec = spec
        self.shape = (spec.side_px, spec.side_px)
        self.optics = optics_of_sampling(spec.sampling_q)
        side = spec.side_px + spec.side_px // OBJECT_MARGIN
        make = make_object or partial(
            procedural_object, spec.family, seed=spec.seed, contrast=spec.contrast
        )
        radiance = make((side, side))
        self._ideal = Renderer(radiance, self.optics, frame_shape=self.shape)
        self._aberrated = Renderer(
            radiance, self.optics, frame_shape=self.shape, aberrations=spec.aberrations
        )
        self._light = Illumination(1.0, spec.shading, spec.vignetting).field(self.shape)
        # Bright light is as bright as it can be while next to nothing of the sharp image clips.
        highest = float(np.quantile(self.image(0.0), 1 - MOST_CLIPPED))
        self._exposure = min(1.0, 1 / (LIGHTS["bright"] * highest))

    def image(self, u_dof: float | NDArray[np.floating]) -> NDArray[np.float32]:
        """Light from the sample at a defocus, without noise.

        Parameters
        ----------
        u_dof : float or numpy.ndarray
            Defocus in depths of field: one number, or one for each pixel.

        Returns
        -------
        numpy.ndarray
            Shape (side, side), float32, mean about 1.
        """
        if isinstance(u_dof, np.ndarray) or abs(u_dof) >= ABERRATED_TO_DOF:
            return self._ideal.image(u_dof) * self._light
        return self._aberrated.image(u_dof) * self._light

    def level(self, light: str) -> float:
        """Mean of a frame as a fraction of full well.

        Parameters
        ----------
        light : str
            One of `LIGHTS`.

        Returns
        -------
        float
            That of `LIGHTS`, all of them lowered by one factor where more than 1 % of the sharp
            image would clip in bright light.
        """
        return LIGHTS[light] * self._exposure

    def expose(
        self, image: NDArray[np.float32], level: float, noise: int
    ) -> NDArray[np.unsignedinteger]:
        """Take a frame.

        Parameters
        ----------
        image : numpy.ndarray
            From `image`.
        level : float
            Mean of the frame as a fraction of full well.
        noise : int
            Another number gives other noise.

        Returns
        -------
        numpy.ndarray
            Shape (side, side); uint8 for 8 bits, else uint16.
        """
        return expose(image * np.float32(level), self.spec.sensor, seed=[self.spec.seed, noise])
