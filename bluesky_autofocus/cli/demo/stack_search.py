"""How a recorded stack is searched: with optics that were given or fitted, or without any."""

from collections.abc import Callable
from dataclasses import dataclass

from bluesky_autofocus.errors import SearchError, StationError
from bluesky_autofocus.focal_stack import FocalStack
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.scale import UM_PER_UNIT
from bluesky_autofocus.search import BELIEF, CURVE_SEARCHES

__all__ = ["StackSearch", "stack_search"]

SPACING = "the spacing of the planes stands in for the depth of field"


@dataclass(frozen=True)
class StackSearch:
    """A search, the optics that it counts with, and how they are known.

    Parameters
    ----------
    search : str
        Name of the search.
    optics : Optics or None
        The imaging system; None if it is unknown.
    source : str
        ``given``, ``fitted`` or ``unknown``.
    note : str
        The same as a sentence.
    """

    search: str
    optics: Optics | None
    source: str
    note: str


def stack_search(
    stack: FocalStack,
    search: str | None,
    optics: Optics | None,
    tell: Callable[[str], None],
) -> StackSearch:
    """Choose a search for a stack: the belief where its optics are given, or fit.

    Parameters
    ----------
    stack : FocalStack
        The stack.
    search : str or None
        The search asked for; None chooses.
    optics : Optics or None
        Its optics, if somebody told.
    tell : callable
        Told before something takes long.

    Returns
    -------
    StackSearch
        What to do.

    Raises
    ------
    SearchError
        If the belief is asked for and no optics fit the stack.
    StationError
        If optics were given for positions in no unit of length.
    """
    if optics is not None:
        if stack.unit not in UM_PER_UNIT:
            raise StationError(
                f"--optics tell lengths, and the positions of the stack {stack.folder} are in "
                f"{stack.unit!r}. Leave --optics out, or give positions in um or mm."
            )
        note = f"Optics as given: a depth of field of {_length(optics, stack)}."
        return StackSearch(search or BELIEF, optics, "given", note)
    if search not in (None, BELIEF):
        return StackSearch(search, None, "unknown", f"Optics unknown: {SPACING}.")
    # Torch takes seconds to import.
    from bluesky_autofocus.calibration.stack_optics import fit_stack_optics

    tell(f"Optics unknown: fitting them to {len(stack)} planes.")
    fitted = fit_stack_optics(stack)
    if isinstance(fitted, Optics):
        note = (
            f"Optics fitted to the stack: a depth of field of {_length(fitted, stack)}, right up "
            "to a factor. Give --optics if you know them."
        )
        return StackSearch(BELIEF, fitted, "fitted", note)
    if search == BELIEF:
        raise SearchError(
            f"--search {search} needs the optics of the stack {stack.folder}, and none fit: "
            f"{fitted}. Give --optics, or choose one of: {', '.join(CURVE_SEARCHES)}."
        )
    note = f"No optics fit: {fitted}. So it sweeps, and {SPACING}."
    return StackSearch("sweep", None, "unknown", note)


def _length(optics: Optics, stack: FocalStack) -> str:
    return f"{optics.depth_of_field_um / UM_PER_UNIT[stack.unit]:.3g} {stack.unit}"
