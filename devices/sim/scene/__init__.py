"""What is under the simulated objective: rendered or recorded."""

from .names import DEFAULT_OPTICS, DEFAULT_SCENE, SCENES, checked_scene_name, make_scene
from .protocol import Scene
from .rendered import NOMINAL_EXPOSURE_S, RenderedScene
from .replayed import ReplayedScene

__all__ = [
    "DEFAULT_OPTICS",
    "DEFAULT_SCENE",
    "NOMINAL_EXPOSURE_S",
    "SCENES",
    "RenderedScene",
    "ReplayedScene",
    "Scene",
    "checked_scene_name",
    "make_scene",
]
