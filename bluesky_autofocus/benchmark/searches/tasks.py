"""What the searches have to do: where focus is, where the stage starts, in which light."""

import numpy as np

from ..scenes import LIGHTS, SceneSpec
from .look import Task

__all__ = ["GUARDS", "draw_tasks", "guard_tasks"]

# Focus keeps away from the ends of the window by this share of it.
INSIDE = 0.9
OUTSIDE = (1.05, 1.6)
# In these lights nearly all of a frame is at full scale, or within its noise.
SATURATING, DARKENING = (4.0, 20.0), (0.0, 2e-3)

GUARDS: dict[str, str] = {
    "blank": "no_texture",
    "dark": "too_dark",
    "saturated": "saturated",
    "out of range": "out_of_range",
}
"""From a kind of search that cannot find focus to the right verdict."""


def draw_tasks(spec: SceneSpec, half_dof: float, starts: int, stream: int) -> list[Task]:
    """Draw where focus and starts are, some in every light.

    Parameters
    ----------
    spec : SceneSpec
        The scene.
    half_dof : float
        Half the window.
    starts : int
        How many in each light.
    stream : int
        Another number gives other places.

    Returns
    -------
    list of Task
        All have one focus; starts lie evenly in the window as far as it is within half of its
        width from focus.
    """
    rng, out = spec.rng(stream), []
    focus = float(rng.uniform(-INSIDE * half_dof, INSIDE * half_dof))
    low, high = max(focus - half_dof, -half_dof), min(focus + half_dof, half_dof)
    for light in LIGHTS:
        for _ in range(starts):
            start = float(rng.uniform(low, high))
            out.append(Task(half_dof, light, focus, start, int(rng.integers(2**31))))
    return out


def guard_tasks(spec: SceneSpec, kind: str, half_dof: float) -> list[Task]:
    """Draw searches that cannot find focus.

    Parameters
    ----------
    spec : SceneSpec
        The scene; without contrast for a blank one.
    kind : str
        One of `GUARDS`.
    half_dof : float
        Half the window.

    Returns
    -------
    list of Task
        One.
    """
    rng = spec.rng(100)
    focus, start = (float(rng.uniform(-half_dof, half_dof)) for _ in range(2))
    light = tuple(LIGHTS)[spec.index % len(LIGHTS)]
    level = 1.0
    if kind == "out of range":
        focus = float(rng.choice([-1.0, 1.0]) * rng.uniform(*OUTSIDE) * half_dof)
    elif kind == "dark":
        level = float(rng.uniform(*DARKENING))
    elif kind == "saturated":
        level = float(np.exp(rng.uniform(*np.log(SATURATING))) / LIGHTS[light])
    return [Task(half_dof, light, focus, start, int(rng.integers(2**31)), level)]
