"""Focus stacking: planes at several positions become one sharp image and a map of heights."""

from .alignment import AlignedPlanes, align_planes
from .blend import all_in_focus
from .fused_stack import FusedStack, FusionQuality, fuse_stack
from .height import WINDOW_PX, HeightMap, height_map
from .planes import Planes

__all__ = [
    "WINDOW_PX",
    "AlignedPlanes",
    "FusedStack",
    "FusionQuality",
    "HeightMap",
    "Planes",
    "align_planes",
    "all_in_focus",
    "fuse_stack",
    "height_map",
]
