"""What decides the estimates of a run's frames."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import NAMESPACE_URL, uuid5

from numpy.typing import NDArray

from .. import __version__
from ..errors import OpticsError
from ..frame_region import FrameRegion
from ..optics import Optics

if TYPE_CHECKING:
    from ..estimator import SharpnessEstimator

__all__ = ["SENSOR", "SharpnessSettings", "derived_uid", "recorded_sensor"]

SENSOR = "estimate"
"""Name with which the data keys of estimates begin."""

_NAMESPACE = uuid5(NAMESPACE_URL, "bluesky-autofocus/processor")


@dataclass(frozen=True)
class SharpnessSettings:
    """What decides the estimates of a run's frames.

    Parameters
    ----------
    optics : Optics
        The imaging system.
    full_scale : float or None
        Grey level at which the camera saturates; None tells it from each frame.
    key : str
        Data key of the frames.
    stream : str
        Name of their stream.
    weights : pathlib.Path or None
        Weights of the estimator; None takes those shipped.
    region : FrameRegion or None
        Part of the frames to estimate; None takes all of it.
    """

    optics: Optics
    full_scale: float | None
    key: str
    stream: str
    weights: Path | None = None
    region: FrameRegion | None = None

    @classmethod
    def of_run(
        cls,
        start: Mapping[str, Any],
        descriptor: Mapping[str, Any],
        *,
        key: str,
        optics: Optics | None = None,
        full_scale: float | None = None,
        weights: Path | None = None,
    ) -> Self:
        """Take from a run's documents what is not given.

        Parameters
        ----------
        start : mapping
            The start document.
        descriptor : mapping
            Of the stream with the frames.
        key : str
            Data key of the frames.
        optics, full_scale, weights
            As of the class; None for what the documents say.

        Returns
        -------
        SharpnessSettings
            For the frames of that run.

        Raises
        ------
        OpticsError
            If nobody knows the optics.
        """
        said = start.get("autofocus", {}).get("optics")
        if optics is None and not said:
            raise OpticsError(
                f"The optics of run {start['uid'][:8]} are unknown: its start document does not "
                "say them. Give them (--optics FILE, or optics=Optics(…))."
            )
        sensor = recorded_sensor(descriptor)
        if full_scale is None:
            level = sensor.get("full_scale") or start.get("calibration", {}).get("full_scale")
            full_scale = None if level is None else float(level)
        measured = start.get("autofocus", {}).get("region") or sensor.get("region")
        region = FrameRegion.of(measured) if measured else None
        return cls(optics or Optics(**said), full_scale, key, descriptor["name"], weights, region)

    def seen(self, frame: NDArray[Any]) -> NDArray[Any]:
        """Return the part of a frame that is estimated.

        Parameters
        ----------
        frame : numpy.ndarray
            Shape (rows, columns).

        Returns
        -------
        numpy.ndarray
            The region, or all of it.

        Raises
        ------
        RegionError
            If the region does not lie in the frame.
        """
        return frame if self.region is None else self.region.cut(frame)

    def estimator(self) -> "SharpnessEstimator":
        """Load the estimator.

        Returns
        -------
        SharpnessEstimator
            For these settings.

        Raises
        ------
        OpticsError
            If the estimator does not know this sampling.
        WeightsError
            If the weights are missing, damaged or foreign.
        """
        # Late, because it imports torch.
        from ..estimator import SharpnessEstimator

        return SharpnessEstimator(self.optics, full_scale=self.full_scale, weights=self.weights)

    def derived_run(
        self, raw_uid: str, estimator: "SharpnessEstimator", **more: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return uid and metadata of the run to be derived with these settings.

        Parameters
        ----------
        raw_uid : str
            The run that it comes from.
        estimator : SharpnessEstimator
            The estimator of these settings.
        **more
            What else decides what the run holds, for its start document.

        Returns
        -------
        uid : str
            The same for the same work, so that no work is done twice.
        metadata : dict
            For the start document.
        """
        metadata = {
            "raw_uid": raw_uid,
            "purpose": "sharpness",
            **more,
            "processor": {
                "version": __version__,
                "weights": estimator.version,
                "weights_sha256": estimator.weights_sha256,
                "full_scale": self.full_scale,
                "optics": asdict(self.optics),
                "stream": self.stream,
                "key": self.key,
            },
        }
        if self.region is not None:
            metadata["processor"]["region"] = self.region.as_list()
        return derived_uid(metadata), metadata


def derived_uid(metadata: Mapping[str, Any]) -> str:
    """Return the uid of a derived run.

    Parameters
    ----------
    metadata : mapping
        All that decides what is in it.

    Returns
    -------
    str
        The same for the same metadata.
    """
    return str(uuid5(_NAMESPACE, json.dumps(metadata, sort_keys=True)))


def recorded_sensor(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an estimator's sensor was configured with when a run was recorded.

    Parameters
    ----------
    descriptor : mapping
        Of its stream with the frames.

    Returns
    -------
    dict
        Its ``name``, ``weights``, ``weights_sha256`` and, if recorded, ``full_scale``; empty if the
        run read no such sensor.
    """
    for name, configured in descriptor.get("configuration", {}).items():
        data = configured.get("data", {})
        if f"{name}_weights_sha256" in data:
            fields = {key.removeprefix(f"{name}_"): value for key, value in data.items()}
            return {"name": name, **fields}
    return {}
