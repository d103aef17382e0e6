"""Searches by name."""

from dataclasses import fields
from typing import Any

from ..errors import SearchError
from .brent import Brent
from .curve_search import CurveSearch
from .golden_section import GoldenSection
from .hill_climb import HillClimb
from .protocol import Search, Window
from .sweep import Sweep

__all__ = ["BELIEF", "CURVE_SEARCHES", "SEARCHES", "make_curve_search", "make_search"]

BELIEF = "belief"
"""The search that needs a distribution over the distance with each frame."""

CURVE_SEARCHES: dict[str, type[CurveSearch]] = {
    "sweep": Sweep,
    "golden": GoldenSection,
    "brent": Brent,
    "hill_climb": HillClimb,
}
"""Searches that climb a focus measure."""

SEARCHES: tuple[str, ...] = (BELIEF, *CURVE_SEARCHES)
"""Names of all searches."""

KEPT = ("history", "known")


def make_search(name: str, *, window: Window, start_dof: float, **settings: Any) -> Search:
    """Make a search.

    Parameters
    ----------
    name : str
        One of `SEARCHES`.
    window : Window
        Positions that may be suggested.
    start_dof : float
        Where the stage is now, inside the window.
    **settings
        Further settings of that search, such as ``tolerance_dof`` or ``coarse_points``.

    Returns
    -------
    Search
        A search without any frame yet.

    Raises
    ------
    SearchError
        If there is none of that name, or it has no such setting.
    WindowError
        If the start lies outside the window.
    """
    if name == BELIEF:
        # Late, because it imports torch.
        from .belief import BeliefSearch

        return BeliefSearch(window=window, start_dof=start_dof, **_checked(BeliefSearch, settings))
    if name not in CURVE_SEARCHES:
        raise SearchError(f"There is no search {name!r}. Choose one of: {', '.join(SEARCHES)}.")
    return make_curve_search(name, window=window, start_dof=start_dof, **settings)


def make_curve_search(
    name: str, *, window: Window, start_dof: float, **settings: Any
) -> CurveSearch:
    """Make a search that climbs a focus measure.

    Parameters
    ----------
    name : str
        One of `CURVE_SEARCHES`.
    window, start_dof, **settings
        As for `make_search`.

    Returns
    -------
    CurveSearch
        A search without any frame yet.

    Raises
    ------
    SearchError
        If it has no such setting.
    WindowError
        If the start lies outside the window.
    """
    kind = CURVE_SEARCHES[name]
    return kind(window=window, start_dof=start_dof, **_checked(kind, settings, name))


def _checked(kind: type, settings: dict[str, Any], name: str = BELIEF) -> dict[str, Any]:
    known = [field.name for field in fields(kind) if field.name not in KEPT]
    unknown = sorted(set(settings) - set(known))
    if unknown:
        raise SearchError(
            f"The search {name!r} has no setting {', '.join(unknown)}. It has: {', '.join(known)}."
        )
    return settings
