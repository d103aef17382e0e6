"""Pictures as a paper prints them: sizes, letters, axes and files."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator, ScalarFormatter

__all__ = ["LIGHT_COLOURS", "defocus_axis", "light_colour", "print_figure", "save_print"]

LIGHT_COLOURS = ("tab:orange", "tab:green", "tab:blue", "tab:purple", "tab:brown")
LINEAR_TO_DOF = 1.0
TICKS_DOF = (1.0, 3.0, 10.0, 30.0, 100.0)
DOTS_PER_INCH = 300
LABEL_SIZE, TICK_SIZE = 8, 7


def print_figure(width_in: float, height_in: float) -> Figure:
    """Return an empty picture; it needs no display.

    Parameters
    ----------
    width_in, height_in : float
        Size, inches; a column of a paper is some 3.4 wide, a page 7.

    Returns
    -------
    matplotlib.figure.Figure
        The picture.
    """
    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def light_colour(lights: list[str], light: str) -> str:
    """Return the colour of a light.

    Parameters
    ----------
    lights : list of str
        All lights of a picture.
    light : str
        One of them.

    Returns
    -------
    str
        A colour's name.
    """
    return LIGHT_COLOURS[lights.index(light) % len(LIGHT_COLOURS)]


def defocus_axis(axes: Axes, farthest_dof: float) -> None:
    """Make an x-axis of signed defocus, linear near focus and logarithmic beyond.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Whose axis.
    farthest_dof : float
        Largest distance shown, depths of field.
    """
    axes.set_xscale("symlog", linthresh=LINEAR_TO_DOF, linscale=0.6)
    shown = [tick for tick in TICKS_DOF if tick <= max(farthest_dof, LINEAR_TO_DOF)]
    axes.xaxis.set_major_locator(FixedLocator([*(-t for t in reversed(shown)), 0.0, *shown]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("distance from focus (depths of field)")


def save_print(figure: Figure, folder: Path, name: str) -> tuple[Path, Path]:
    """Save a picture as PDF and as PNG of 300 dots an inch.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The picture.
    folder : pathlib.Path
        Where to; it is made.
    name : str
        Name of the files, without an extension.

    Returns
    -------
    (pathlib.Path, pathlib.Path)
        The PDF and the PNG.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for axes in figure.axes:
        axes.tick_params(labelsize=TICK_SIZE)
        axes.set_xlabel(axes.get_xlabel(), fontsize=LABEL_SIZE)
        axes.set_ylabel(axes.get_ylabel(), fontsize=LABEL_SIZE)
    # Without the date the same numbers give the same file.
    figure.savefig(folder / f"{name}.pdf", metadata={"CreationDate": None})
    figure.savefig(folder / f"{name}.png", dpi=DOTS_PER_INCH)
    return folder / f"{name}.pdf", folder / f"{name}.png"
