"""The forward model: object, defocus map, optics, illumination and sensor become a frame."""

from .aberrations import Aberrations, aberrated_otf
from .defocus_map import cap, flat, terraces, tilted
from .forward import render_frame
from .illumination import Illumination
from .image_file import luma, read_image
from .objects import (
    BUNDLED,
    bundled_object,
    image_object,
    periodic_component,
    procedural_object,
    radiance,
)
from .renderer import Renderer
from .sensor import Sensor, expose
from .textures import FAMILIES

__all__ = [
    "BUNDLED",
    "FAMILIES",
    "Aberrations",
    "Illumination",
    "Renderer",
    "Sensor",
    "aberrated_otf",
    "bundled_object",
    "cap",
    "expose",
    "flat",
    "image_object",
    "luma",
    "periodic_component",
    "procedural_object",
    "radiance",
    "read_image",
    "render_frame",
    "terraces",
    "tilted",
]
