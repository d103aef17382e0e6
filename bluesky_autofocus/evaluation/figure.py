"""One picture of an evaluated stack: distances, sharpness, and three of its planes."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..focal_stack import FocalStack
from .focus_fit import ONE_SIGMA
from .result import StackEvaluation
from .stack_evaluation import REFERENCE_MEASURE

__all__ = ["evaluation_figure"]

# Of the pixels, this share may be clipped at either end of the grey scale.
CLIPPED_PERCENT = 0.5
LONGEST_THUMBNAIL_PX = 500
V_POINTS = 401
SEEN_FLOOR_DOF = 0.1
PICTURES = ("nearest", "middle", "farthest")
ESTIMATOR, REFERENCE, CLASSICAL, INVALID = "tab:blue", "tab:green", "tab:orange", "tab:red"


def evaluation_figure(evaluation: StackEvaluation, stack: FocalStack, *, title: str) -> Figure:
    """Draw an evaluated stack.

    Above, the predicted distance with its 68 % interval against the V that the scale makes of
    the positions; below, the sharpness beside the classical measures, each stretched from 0 to 1.
    Planes whose distance is not to be trusted are crossed. Right, the plane of the least predicted
    distance, the plane at the reference, and that of the greatest distance, in one grey scale.

    Parameters
    ----------
    evaluation : StackEvaluation
        What to draw.
    stack : FocalStack
        Its planes.
    title : str
        Headline.

    Returns
    -------
    matplotlib.figure.Figure
        The picture, 14 x 8 inches.

    Raises
    ------
    FocalStackError
        If an image cannot be read.
    """
    figure = Figure(figsize=(14, 8), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplot_mosaic(
        [
            [curve, picture]
            for curve, picture in zip(
                np.repeat(["distance", "sharpness"], 3), np.repeat(PICTURES, 2), strict=True
            )
        ],
        width_ratios=(3, 1),
    )
    above, below = panels["distance"], panels["sharpness"]
    below.sharex(above)
    _draw_distances(above, evaluation)
    _draw_sharpness(below, evaluation)
    for axes in (above, below):
        if evaluation.reference.z is not None:
            axes.axvline(
                evaluation.reference.z, color=REFERENCE, lw=1, ls="--", zorder=0,
                label=f"reference: {evaluation.reference.source}",
            )  # fmt: skip
        # Above the axes, where it covers no plane.
        axes.legend(fontsize=9, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False)
    below.set_xlabel(f"position ({evaluation.unit})")
    _draw_planes([panels[name] for name in PICTURES], evaluation, stack)
    figure.suptitle(title, fontsize=12)
    return figure


def _draw_distances(axes: Axes, evaluation: StackEvaluation) -> None:
    z, distance, valid = _predictions(evaluation)
    ends = np.array([plane.estimate.interval_dof(ONE_SIGMA) for plane in evaluation.planes]).T
    bars = np.maximum([distance - ends[0], ends[1] - distance], 0)
    axes.errorbar(
        z[valid], distance[valid], bars[:, valid], fmt="o", ms=4, lw=1, color=ESTIMATOR, zorder=2,
        label="predicted distance, 68 % interval",
    )  # fmt: skip
    if not valid.all():
        axes.plot(
            z[~valid], distance[~valid], "x", color=INVALID, ms=6, zorder=2, label="not valid"
        )
    focus, scale = evaluation.focus, evaluation.scale
    if focus is not None:
        axes.axvline(focus.z, color=ESTIMATOR, lw=1, zorder=0, label="focus by the estimator")
        if scale.value is not None:
            at = np.union1d(np.linspace(z[0], z[-1], V_POINTS), np.clip(focus.z, z[0], z[-1]))
            away = np.abs(at - focus.z) / scale.value
            how = "fitted" if scale.fitted else "from the optics"
            axes.plot(
                at, away, color="0.5", lw=1, zorder=1,
                label=f"V of {scale.value:.3g} {evaluation.unit} per DoF, {how}",
            )  # fmt: skip
            floor = evaluation.floor_dof or 0.0
            if floor > SEEN_FLOOR_DOF:
                axes.plot(
                    at, np.hypot(away, floor), color="0.5", lw=1, ls=":", zorder=1,
                    label=f"never nearer than {floor:.2g} DoF",
                )  # fmt: skip
    axes.set_ylabel("distance from focus (DoF)")
    highest = np.nanmax(ends[1], initial=1.0)
    axes.set_ylim(-0.03 * highest, 1.1 * highest)


def _draw_sharpness(axes: Axes, evaluation: StackEvaluation) -> None:
    z, _, valid = _predictions(evaluation)
    estimates = [plane.estimate for plane in evaluation.planes]
    sharpness = np.array([estimate.sharpness for estimate in estimates])
    std = np.array([estimate.sharpness_std for estimate in estimates])
    others = "other classical measures, 0 to 1"
    for name, result in evaluation.measures.items():
        curve = _stretched([plane.measures[name] for plane in evaluation.planes])
        if name == REFERENCE_MEASURE:
            axes.plot(z, curve, color=CLASSICAL, lw=1.5, zorder=2, label=f"{name}, 0 to 1")
        elif result.focus is not None:
            axes.plot(z, curve, color="0.8", lw=0.8, zorder=1, label=others)
            others = "_"
    axes.fill_between(z, sharpness - std, sharpness + std, color=ESTIMATOR, alpha=0.2, lw=0)
    axes.plot(z, sharpness, color=ESTIMATOR, lw=1, zorder=3)
    axes.plot(
        z[valid], sharpness[valid], "o", ms=4, color=ESTIMATOR, zorder=3, label="sharpness ± σ"
    )
    axes.plot(z[~valid], sharpness[~valid], "x", ms=6, color=INVALID, zorder=3)
    axes.set_ylabel("sharpness")
    axes.set_ylim(-0.03, 1.1)


def _draw_planes(panels: list[Axes], evaluation: StackEvaluation, stack: FocalStack) -> None:
    z, distance, _ = _predictions(evaluation)
    known = np.isfinite(distance)
    nearest = int(np.argmin(np.where(known, distance, np.inf)))
    farthest = int(np.argmax(np.where(known, distance, -np.inf)))
    reference = evaluation.reference.z
    middle = len(stack) // 2 if reference is None else int(np.argmin(np.abs(z - reference)))
    chosen = (
        (nearest, "predicted nearest"),
        (middle, "at the reference" if reference is not None else "middle"),
        (farthest, "predicted farthest"),
    )
    thumbnails = [_thumbnail(stack.plane(index)) for index, _ in chosen]
    low, high = np.percentile(
        np.concatenate([np.ravel(thumbnail) for thumbnail in thumbnails]),
        (CLIPPED_PERCENT, 100 - CLIPPED_PERCENT),
    )
    for axes, thumbnail, (index, said) in zip(panels, thumbnails, chosen, strict=True):
        axes.imshow(thumbnail, cmap="gray", vmin=low, vmax=max(high, low + 1))
        axes.set_title(
            f"{said}: {z[index]:.5g} {evaluation.unit}\n" + _distance_said(evaluation, index),
            fontsize=10,
        )
        axes.set_axis_off()


def _distance_said(evaluation: StackEvaluation, index: int) -> str:
    estimate = evaluation.planes[index].estimate
    low, high = estimate.interval_dof(ONE_SIGMA)
    return f"{estimate.distance_dof:.3g} DoF ({low:.2g} to {high:.2g})"


def _thumbnail(plane: NDArray[np.unsignedinteger]) -> NDArray[np.float64]:
    step = -(-max(plane.shape) // LONGEST_THUMBNAIL_PX)
    rows, cols = (min(step, length) for length in plane.shape)
    high, wide = plane.shape[0] // rows, plane.shape[1] // cols
    blocks = plane[: high * rows, : wide * cols].reshape(high, rows, wide, cols)
    return blocks.mean(axis=(1, 3))


def _predictions(evaluation: StackEvaluation) -> tuple[NDArray, NDArray, NDArray]:
    planes = evaluation.planes
    return (
        np.array([plane.z for plane in planes]),
        np.array([plane.estimate.distance_dof for plane in planes]),
        np.array([plane.valid for plane in planes]),
    )


def _stretched(values: list[float]) -> NDArray[np.float64]:
    sharp = np.array(values)
    span = np.ptp(sharp)
    return (sharp - sharp.min()) / (span if span > 0 else 1.0)
