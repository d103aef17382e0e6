"""A stored sweep as the stage of another search."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from numpy.typing import NDArray

from ..errors import ReplayError
from ..measurement import Measurement, full_scale_level, measure_frame
from ..measures import measure as find_measure
from ..processor.settings import SENSOR
from ..scale import Scale
from ..search import BELIEF, Search, Window, make_search
from ..verdict import Side
from .source import ReplaySource
from .stored_planes import StoredPlanes

if TYPE_CHECKING:
    from ..estimator import SharpnessEstimator

__all__ = ["Look", "SweepSource"]

MEASURE = "blurred_gradient"

Look = Callable[[NDArray[Any]], tuple[dict[str, Any], Measurement]]
"""From a frame to what is recorded of it and what a search takes in."""


@dataclass(frozen=True)
class SweepSource:
    """A stored sweep, with all that a search needs to begin on it.

    Parameters
    ----------
    key, unit : str
        Data key and unit of the stage's readback.
    scale : Scale
        Of the stage.
    planes : StoredPlanes
        Where the frames were taken.
    seq_nums : tuple of int
        Number of the event of each frame.
    start_dof : float
        Where the search begins.
    side : Side
        From where the stage arrived.
    measure : str
        Focus measure for a search that climbs one.
    """

    key: str
    unit: str
    scale: Scale
    planes: StoredPlanes
    seq_nums: tuple[int, ...]
    start_dof: float
    side: Side
    measure: str

    @classmethod
    def find(cls, source: ReplaySource, tolerance_dof: float) -> Self:
        """Take what a stored run says of its stage.

        Parameters
        ----------
        source : ReplaySource
            The run.
        tolerance_dof : float
            How far the nearest frame may be from any position.

        Returns
        -------
        SweepSource
            With the window between its outermost frames, inside that of the recording.

        Raises
        ------
        ReplayError
            If there is no position with each frame, or the frames are too far apart.
        StationError
            If the stage's unit is no length.
        """
        run, settings = source.run, source.settings
        said = run.start.get("autofocus") or run.start.get("calibration") or {}
        table = run.table(settings.stream)
        key, unit = source.position
        if key not in table:
            raise ReplayError(
                f"Run {run.uid[:8]} has no stage position {key!r} with its frames. Give a run that "
                "stepped one motor."
            )
        scale = (
            Scale(said["depth_of_field"], unit)
            if "depth_of_field" in said
            else Scale.from_um(settings.optics.depth_of_field_um, unit)
        )
        window = said.get("window")
        planes = StoredPlanes(
            [scale.to_dof(float(z)) for z in table[key]],
            tolerance_dof,
            None if window is None else Window(*(scale.to_dof(end) for end in window)),
        )
        start = scale.to_dof(float(said.get("start", table[key].iloc[0])))
        approach = said.get("approach", "low")
        measure = said.get("measure", "estimator")
        return cls(
            key=key,
            unit=unit,
            scale=scale,
            planes=planes,
            seq_nums=tuple(int(number) for number in table.index),
            start_dof=planes.window.clip(start),
            side=Side(approach["side"] if isinstance(approach, dict) else approach),
            measure=MEASURE if measure == "estimator" else measure,
        )

    def search(self, name: str) -> Search:
        """Make a search at its start.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        Search
            Without any frame yet.

        Raises
        ------
        SearchError
            If there is none of that name.
        """
        window = self.planes.window
        return make_search(name, window=window, start_dof=self.start_dof, approach=self.side)

    def metadata(self, name: str, tolerance_dof: float) -> dict[str, Any]:
        """Return what decides the way of a search, for a start document.

        Parameters
        ----------
        name : str
            Name of the search.
        tolerance_dof : float
            How far the nearest frame may be.

        Returns
        -------
        dict
            Positions in the stage's unit.
        """
        scale, window = self.scale, self.planes.window
        return {
            "search": name,
            "measure": "estimator" if name == BELIEF else self.measure,
            "tolerance_dof": tolerance_dof,
            "window": [scale.to_stage(window.low_dof), scale.to_stage(window.high_dof)],
            "start": scale.to_stage(self.start_dof),
            "unit": self.unit,
            "depth_of_field": scale.depth_of_field,
        }

    def look(self, name: str, estimator: "SharpnessEstimator") -> Look:
        """Return what looks at frames for a search.

        Parameters
        ----------
        name : str
            Name of the search.
        estimator : SharpnessEstimator
            For the search by belief.

        Returns
        -------
        callable
            See `Look`.
        """
        if name == BELIEF:
            return lambda frame: _estimated(frame, estimator)
        function = find_measure(self.measure)

        def measured(frame: NDArray[Any]) -> tuple[dict[str, Any], Measurement]:
            full_scale = estimator.full_scale or full_scale_level(frame.dtype)
            found = measure_frame(frame, measure=function, full_scale=full_scale)
            fields = {**asdict(found), "condition": str(found.condition)}
            return {f"focus_{field}": value for field, value in fields.items()}, found

        return measured


def _estimated(
    frame: NDArray[Any], estimator: "SharpnessEstimator"
) -> tuple[dict[str, Any], Measurement]:
    # Late, because it imports torch.
    from ..belief import estimated_values, recorded_observation

    values = estimated_values(frame, estimator)
    data = {f"{SENSOR}_{field}": value for field, value in values.items()}
    return data, recorded_observation(data, SENSOR)
