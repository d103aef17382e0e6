"""Focus stacking: planes at several positions become one sharp image and a map of heights."""

from .blend import all_in_focus
from .height import WINDOW_PX, HeightMap, height_map
from .planes import Planes

__all__ = ["WINDOW_PX", "HeightMap", "Planes", "all_in_focus", "height_map"]
