"""The scenes that a demo can be asked for, by name."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus.errors import SceneError
from bluesky_autofocus.imaging import (
    BUNDLED,
    FAMILIES,
    Aberrations,
    Illumination,
    Renderer,
    bundled_object,
    cap,
    procedural_object,
    terraces,
    tilted,
)
from bluesky_autofocus.optics import Optics
from devices.sim.scene.rendered import UM_PER_UNIT, RenderedScene

__all__ = ["DEFAULT_OPTICS", "DEFAULT_SCENE", "SCENES", "checked_scene_name", "make_scene"]

DEFAULT_OPTICS = Optics(
    numerical_aperture=0.30, wavelength_um=0.55, magnification=10.0, pixel_um=3.45
)
"""The simulated station's: a 10x / 0.30 objective in green light on a 3.45 µm sensor."""

DEFAULT_SCENE = "grain"
DEFAULT_SHAPE = (1024, 1024)

# The true focus of a scene lies somewhere within this reach of 0, drawn by its seed.
FOCUS_REACH_UM = 300.0

Shape = tuple[int, int]
Altitude = Callable[[Shape, Optics, int], NDArray[np.floating]]


@dataclass(frozen=True)
class _Recipe:
    doc: str
    family: str = DEFAULT_SCENE
    contrast: float = 1.0
    illumination: Illumination = Illumination()
    aberrations: Aberrations = Aberrations()
    altitude: Altitude | None = None


_SPECIAL = {
    "tilted": _Recipe(
        "A sample tilted by 4 degrees: 3.4 depths of field across the field.",
        altitude=lambda shape, optics, seed: tilted(shape, optics, 4.0, direction_deg=20.0),
    ),
    "terraces": _Recipe(
        "Three flat altitudes, 6 and 9 depths of field away from the middle one.",
        altitude=lambda shape, optics, seed: terraces(shape, (-6.0, 0.0, 9.0), seed=seed),
    ),
    "sphere": _Recipe(
        "The cap of a sphere: its corners lie 10 depths of field below its top.",
        altitude=lambda shape, optics, seed: cap(shape, 10.0),
    ),
    "aberrated": _Recipe(
        "Spherical aberration, coma and astigmatism: the two sides of focus differ.",
        aberrations=Aberrations(spherical=0.06, coma_x=0.03, astigmatism=0.03),
    ),
    "uneven": _Recipe(
        "Light that falls off to the corners and to one side.",
        illumination=Illumination(shading=0.3, vignetting=0.5),
    ),
    "faint": _Recipe("A contrast of two in a hundred of the usual one.", contrast=0.02),
    "bright": _Recipe(
        "So much light that the brightest parts saturate.", illumination=Illumination(0.7)
    ),
    "dark": _Recipe("A tenth of the usual light.", illumination=Illumination(0.04)),
    "blank": _Recipe("An empty field: no structure at all.", contrast=0.0),
}

SCENES: dict[str, str] = {
    **{name: f"Procedural texture: {name.replace('_', ' ')}." for name in FAMILIES},
    **{name: f"Photograph from scikit-image: {name}." for name in BUNDLED},
    **{name: recipe.doc for name, recipe in _SPECIAL.items()},
}
"""Every scene by name, with one sentence on what it is."""


def checked_scene_name(name: str) -> str:
    """Return the name if there is such a scene.

    Parameters
    ----------
    name : str
        As the user typed it.

    Returns
    -------
    str
        The same.

    Raises
    ------
    SceneError
        If there is none; the message lists the known ones.
    """
    if name not in SCENES:
        raise SceneError(f"There is no scene {name!r}. Choose one of: {', '.join(SCENES)}.")
    return name


def make_scene(
    name: str = DEFAULT_SCENE,
    *,
    seed: int = 0,
    shape: Shape = DEFAULT_SHAPE,
    focus_position: float | None = None,
    unit: str = "um",
    optics: Optics = DEFAULT_OPTICS,
) -> RenderedScene:
    """Make a scene by name.

    Parameters
    ----------
    name : str
        One of `SCENES`.
    seed : int, default 0
        Seed of the object, of the true focus and of the noise.
    shape : (int, int), default (1024, 1024)
        Rows and columns of the frame.
    focus_position : float, optional
        True focus, in `unit`; default: drawn by the seed within 300 µm of 0.
    unit : {"um", "mm"}, default "um"
        Engineering unit of the stage.
    optics : Optics
        Default: 10x / 0.30, 0.55 µm, pixels of 3.45 µm, air.

    Returns
    -------
    RenderedScene
        At 0.05 s and gain 1 its frames have a mean of about 40 % of full scale, unless it is one
        that is bright or dark on purpose.

    Raises
    ------
    SceneError
        If there is no such scene, or another value cannot be rendered.
    """
    checked_scene_name(name)
    if unit not in UM_PER_UNIT:
        raise SceneError(f"The stage's unit is {unit!r}; a rendered scene needs um or mm.")
    recipe = _SPECIAL.get(name, _Recipe(SCENES[name], family=name))
    if recipe.family in BUNDLED:
        radiance = bundled_object(recipe.family, shape, contrast=recipe.contrast)
    else:
        radiance = procedural_object(recipe.family, shape, seed=seed, contrast=recipe.contrast)
    if focus_position is None:
        reach = FOCUS_REACH_UM / UM_PER_UNIT[unit]
        focus_position = round(float(np.random.default_rng(seed).uniform(-reach, reach)), 4)
    return RenderedScene(
        Renderer(radiance, optics, aberrations=recipe.aberrations),
        focus_position=focus_position,
        unit=unit,
        altitude_dof=recipe.altitude(shape, optics, seed) if recipe.altitude else None,
        illumination=recipe.illumination,
        seed=seed,
        name=name,
    )
