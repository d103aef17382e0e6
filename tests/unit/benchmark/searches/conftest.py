import pytest

from bluesky_autofocus.benchmark.scenes import draw_scenes
from bluesky_autofocus.benchmark.searches.look import SeenScene, Task


@pytest.fixture(scope="session")
def scene() -> SeenScene:
    """A small scene."""
    return SeenScene(draw_scenes(0, "search", 1, side_px=128)[0])


@pytest.fixture
def task() -> Task:
    """A search to be done."""
    return Task(half_dof=50.0, light="normal", focus_dof=7.0, start_dof=-12.0, noise=3)
