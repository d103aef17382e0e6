"""The estimators under test, one for each sampling and camera, made once."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from ..estimator import SharpnessEstimator
from ..estimator.end_to_end import EndToEndDistance
from ..optics import optics_of_sampling
from .scenes import Scene

__all__ = ["end_to_end_of", "estimator_of", "has_end_to_end"]


def estimator_of(scene: Scene, weights: Path | None = None) -> SharpnessEstimator:
    """Return the estimator for the optics and the camera of a scene.

    Parameters
    ----------
    scene : Scene
        The scene.
    weights : Path, optional
        Its weights; default: those of the package.

    Returns
    -------
    SharpnessEstimator
        Scenes of the same sampling and camera share it.
    """
    return _estimator(scene.spec.sampling_q, scene.spec.sensor.full_scale, weights)


def end_to_end_of(scene: Scene) -> EndToEndDistance | None:
    """Return the end-to-end distance network for the optics of a scene.

    Parameters
    ----------
    scene : Scene
        The scene.

    Returns
    -------
    EndToEndDistance or None
        None if this installation has no weights for it.
    """
    return _end_to_end(scene.spec.sampling_q) if has_end_to_end() else None


@lru_cache(maxsize=1)
def has_end_to_end() -> bool:
    """Tell whether the weights of the end-to-end network are in this installation."""
    folder = files("bluesky_autofocus.estimator") / "weights"
    return (folder / "end_to_end.safetensors").is_file()


@lru_cache(maxsize=64)
def _estimator(sampling_q: float, full_scale: int, weights: Path | None) -> SharpnessEstimator:
    return SharpnessEstimator(
        optics_of_sampling(sampling_q), full_scale=full_scale, weights=weights
    )


@lru_cache(maxsize=64)
def _end_to_end(sampling_q: float) -> EndToEndDistance:
    return EndToEndDistance(optics_of_sampling(sampling_q))
