"""Figure 3 of the supplement: how alike the sharpness of focal stacks is in different lights."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from .measured_stack import MeasuredStack, provenance
from .print_figure import defocus_axis, light_colour, print_figure
from .table import Row

__all__ = [
    "PeakRatios",
    "consistency_figure",
    "consistency_table",
    "curve_table",
    "peak_ratio",
    "peak_ratios",
]

SR_MARGIN = 0.05
# Lights stand beside one another above the number of their sample.
BESIDE = 0.18


def peak_ratio(peaks: ArrayLike) -> NDArray[np.float64]:
    """Return ``SR = S_peaks / min(S_peaks)`` [1]_ of each peak.

    Parameters
    ----------
    peaks : array_like, shape (stacks,)
        Largest value of a measure over each focal stack.

    Returns
    -------
    numpy.ndarray
        Shape (stacks,), 1 at the least; NaN where a peak is not above 0, as no ratio says
        anything then.

    References
    ----------
    .. [1] Supplement to "Optical Model-Driven Sharpness Mapping for Autofocus in Small
       Depth-of-Field and Severe Defocus Scenarios", eq. 1.
    """
    values = np.asarray(peaks, dtype=float)
    if values.size == 0 or not (values > 0).all():
        return np.full(values.shape, np.nan)
    return values / values.min()


@dataclass(frozen=True)
class PeakRatios:
    """The sharpness ratio of each stack, by each measure.

    Parameters
    ----------
    sharpness, sharpness_unclipped, squared_gradient : numpy.ndarray
        ``S_peaks / min(S_peaks)`` over all stacks, shape (stacks,).
    sharpness_by_sample, squared_gradient_by_sample : numpy.ndarray
        Of each sample its peak in the light in which it is largest, over that in which it is
        least, shape (samples,).
    """

    sharpness: NDArray[np.float64]
    sharpness_unclipped: NDArray[np.float64]
    squared_gradient: NDArray[np.float64]
    sharpness_by_sample: NDArray[np.float64]
    squared_gradient_by_sample: NDArray[np.float64]


def peak_ratios(stacks: Sequence[MeasuredStack]) -> PeakRatios:
    """Compare the peaks of focal stacks.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        The stacks.

    Returns
    -------
    PeakRatios
        Their ratios, in the same order.
    """
    sharpness = np.array([stack.sharpness.max() for stack in stacks])
    gradient = np.array([stack.squared_gradient.max() for stack in stacks])
    names = np.array([stack.source.sample for stack in stacks])
    of_samples = [names == name for name in dict.fromkeys(names)]
    return PeakRatios(
        peak_ratio(sharpness),
        peak_ratio([stack.sharpness_unclipped.max() for stack in stacks]),
        peak_ratio(gradient),
        np.array([peak_ratio(sharpness[which]).max() for which in of_samples]),
        np.array([peak_ratio(gradient[which]).max() for which in of_samples]),
    )


def consistency_table(stacks: Sequence[MeasuredStack]) -> list[Row]:
    """Return the numbers of figures 3b and 3d: one row a stack.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        The stacks.

    Returns
    -------
    list of Row
        Peaks and their ratios.
    """
    ratios = peak_ratios(stacks)
    samples = list(dict.fromkeys(stack.source.sample for stack in stacks))
    return [
        {
            "number": 1 + samples.index(stack.source.sample),
            "sample": stack.source.sample,
            "light": stack.source.light,
            "planes": int(stack.u_dof.size),
            "peak_sharpness": float(stack.sharpness.max()),
            "sharpness_ratio": float(ratios.sharpness[k]),
            "peak_sharpness_unclipped": float(stack.sharpness_unclipped.max()),
            "sharpness_unclipped_ratio": float(ratios.sharpness_unclipped[k]),
            "peak_squared_gradient": float(stack.squared_gradient.max()),
            "squared_gradient_ratio": float(ratios.squared_gradient[k]),
            "peak_at_dof": float(stack.u_dof[np.argmax(stack.sharpness_unclipped)]),
            "squared_gradient_peak_at_dof": float(stack.u_dof[np.argmax(stack.squared_gradient)]),
            **provenance([stack]),
        }
        for k, stack in enumerate(stacks)
    ]


def curve_table(stacks: Sequence[MeasuredStack]) -> list[Row]:
    """Return the numbers of figures 3a and 3c: one row a plane.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        The stacks.

    Returns
    -------
    list of Row
        Defocus, and what each measure says.
    """
    return [
        {
            "sample": stack.source.sample,
            "light": stack.source.light,
            "u_dof": float(stack.u_dof[k]),
            "true_sharpness": float(true),
            "sharpness": float(stack.sharpness[k]),
            "sharpness_unclipped": float(stack.sharpness_unclipped[k]),
            "distance_dof": float(stack.distance_dof[k]),
            "distance_std_dof": float(stack.distance_std_dof[k]),
            "good": bool(stack.good[k]),
            "squared_gradient": float(stack.squared_gradient[k]),
            "end_to_end_dof": float(stack.end_to_end_dof[k]),
            **provenance([stack]),
        }
        for stack in stacks
        for k, true in enumerate(stack.true_sharpness)
    ]


def consistency_figure(stacks: Sequence[MeasuredStack]) -> Figure:
    """Draw the sharpness curves and the sharpness ratio, of our sharpness and squared gradient.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        The stacks.

    Returns
    -------
    matplotlib.figure.Figure
        Panels a to d, 7 x 5.2 inches.
    """
    figure = print_figure(7.0, 5.2)
    panels = figure.subplots(2, 2, width_ratios=(1.5, 1))
    ratios = peak_ratios(stacks)
    lights = list(dict.fromkeys(stack.source.light for stack in stacks))
    for axes, letter, field, said in (
        (panels[0, 0], "a", "sharpness", "sharpness"),
        (panels[1, 0], "c", "squared_gradient", "squared gradient (grey levels²)"),
    ):
        _draw_curves(axes, stacks, lights, field)
        axes.set_ylabel(said)
        axes.set_title(f"({letter})", loc="left", fontsize=10)
    for axes, letter, values in (
        (panels[0, 1], "b", ratios.sharpness),
        (panels[1, 1], "d", ratios.squared_gradient),
    ):
        _draw_ratios(axes, stacks, lights, values)
        axes.set_title(f"({letter})", loc="left", fontsize=10)
    panels[0, 0].legend(fontsize=8, title="light", title_fontsize=8)
    return figure


def _draw_curves(
    axes: Axes, stacks: Sequence[MeasuredStack], lights: list[str], field: str
) -> None:
    named: set[str] = set()
    for stack in stacks:
        light = stack.source.light
        axes.plot(
            stack.u_dof,
            getattr(stack, field),
            color=light_colour(lights, light),
            lw=0.8,
            alpha=0.8,
            label=None if light in named else light,
        )
        named.add(light)
    defocus_axis(axes, max(float(np.abs(stack.u_dof).max()) for stack in stacks))
    axes.set_ylim(bottom=0)


def _draw_ratios(
    axes: Axes, stacks: Sequence[MeasuredStack], lights: list[str], values: NDArray[np.float64]
) -> None:
    samples = list(dict.fromkeys(stack.source.sample for stack in stacks))
    for light in lights:
        rows = [k for k, stack in enumerate(stacks) if stack.source.light == light]
        beside = BESIDE * (lights.index(light) - (len(lights) - 1) / 2)
        at = [1 + samples.index(stacks[k].source.sample) + beside for k in rows]
        axes.plot(at, values[rows], "o", ms=4, color=light_colour(lights, light))
    axes.axhline(1, color="0.7", lw=0.8, zorder=0)
    axes.set_xticks(range(1, len(samples) + 1))
    axes.set_xlim(0.5, len(samples) + 0.5)
    axes.set_xlabel("sample (number)")
    axes.set_ylabel("SR (ratio)")
    if np.isfinite(values).all():
        room = max(SR_MARGIN, SR_MARGIN * (float(values.max()) - 1))
        axes.set_ylim(1 - room, max(1 + SR_MARGIN, float(values.max()) + room))
