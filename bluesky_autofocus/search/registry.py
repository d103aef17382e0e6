"""Searches by name."""

from typing import Any

from ..errors import SearchError
from .brent import Brent
from .curve_search import CurveSearch
from .golden_section import GoldenSection
from .hill_climb import HillClimb
from .protocol import Window
from .sweep import Sweep

__all__ = ["SEARCHES", "make_search"]

SEARCHES: dict[str, type[CurveSearch]] = {
    "sweep": Sweep,
    "golden": GoldenSection,
    "brent": Brent,
    "hill_climb": HillClimb,
}


def make_search(name: str, *, window: Window, start_dof: float, **settings: Any) -> CurveSearch:
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
    CurveSearch
        A search without any frame yet.

    Raises
    ------
    SearchError
        If there is none of that name, or it has no such setting.
    WindowError
        If the start lies outside the window.
    """
    if name not in SEARCHES:
        raise SearchError(f"There is no search {name!r}. Choose one of: {', '.join(SEARCHES)}.")
    kind = SEARCHES[name]
    known = [field for field in kind.__dataclass_fields__ if field != "history"]
    unknown = sorted(set(settings) - set(known))
    if unknown:
        raise SearchError(
            f"The search {name!r} has no setting {', '.join(unknown)}. It has: {', '.join(known)}."
        )
    return kind(window=window, start_dof=start_dof, **settings)
