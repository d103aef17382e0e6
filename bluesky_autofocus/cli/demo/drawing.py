"""The picture of a demo's run, drawn of what the catalog has."""

from matplotlib.figure import Figure

from bluesky_autofocus.catalog import Run
from bluesky_autofocus.figure import focus_figure
from bluesky_autofocus.live import position_decimals
from bluesky_autofocus.scale import Scale
from bluesky_autofocus.search import BELIEF

from .reference import Reference
from .request import DemoRequest

__all__ = ["run_figure"]


def run_figure(run: Run, request: DemoRequest, reference: Reference) -> Figure:
    """Draw a run: what the belief was after each frame, or the focus measure at each step.

    Parameters
    ----------
    run : Run
        The run, with at least one frame.
    request : DemoRequest
        What the demo was asked to do.
    reference : Reference
        What the result is held against.

    Returns
    -------
    matplotlib.figure.Figure
        The picture.
    """
    table, frames, said = run.table("primary"), run.frames(), run.start["autofocus"]
    title = f"{request.name}, {request.search}: {run.verdict} after {len(frames)} frames"
    decimals = position_decimals(said["depth_of_field"])
    positions = table["stage"].tolist()
    mark = (reference.position, reference.name)
    if request.search == BELIEF:
        from bluesky_autofocus.belief_figure import belief_figure, recorded_posteriors

        return belief_figure(
            frames[0],
            frames[-1],
            positions,
            recorded_posteriors(run.start, run.events(), stage="stage", sensor="estimate"),
            scale=Scale(said["depth_of_field"], said["unit"]),
            window=(float(said["window"][0]), float(said["window"][1])),
            title=title,
            reference=mark,
            decimals=decimals,
        )
    return focus_figure(
        frames[0],
        frames[-1],
        positions,
        table["focus_sharpness"].tolist(),
        unit=request.unit,
        title=title,
        measure=said["measure"],
        reference=mark,
        decimals=decimals,
    )
