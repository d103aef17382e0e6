"""Many searches of one kind, in numbers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .trial import Trial

__all__ = ["SearchRow", "summarised"]

FALSE_DOF = 1.0
MOVE_S, FRAME_S = 0.6, 0.3


@dataclass(frozen=True)
class SearchRow:
    """How searches of one kind went.

    Parameters
    ----------
    runs : int
        How many.
    frames_median, frames_p95 : float
        Frames, the confirmation included.
    success : float
        Share that said `in_focus` and ended within ½ depth of field.
    said_in_focus, false_in_focus : float
        Share that said `in_focus`, and share that did so more than one depth of field away.
    error_median_dof, error_p95_dof : float
        Distance from focus where the search said `in_focus`; NaN if none did.
    left_median_dof, left_p95_dof : float
        Distance from focus at which all were left: at their start where they did not say so.
    wrong_direction : float
        Share of the starts beyond one depth of field from which the move after two frames led
        away from focus.
    violations : int
        Moves that ended outside the window.
    seconds_median : float
        With 0.6 s a move and 0.3 s a frame.
    verdicts : dict
        Number by verdict.
    """

    runs: int
    frames_median: float
    frames_p95: float
    success: float
    said_in_focus: float
    false_in_focus: float
    error_median_dof: float
    error_p95_dof: float
    left_median_dof: float
    left_p95_dof: float
    wrong_direction: float
    violations: int
    seconds_median: float
    verdicts: dict[str, int]


def summarised(trials: Sequence[Trial]) -> SearchRow:
    """Summarise searches.

    Parameters
    ----------
    trials : sequence of Trial
        At least one.

    Returns
    -------
    SearchRow
        Their numbers.
    """
    error = np.abs([t.end_dof for t in trials])
    said = np.array([t.said for t in trials])
    frames = np.array([t.frames for t in trials])
    directed = np.array([t.directed for t in trials])
    wrong = np.array([t.wrong_direction for t in trials])
    moves = np.array([t.moves for t in trials])
    found = error[said]
    return SearchRow(
        runs=len(trials),
        frames_median=float(np.median(frames)),
        frames_p95=float(np.quantile(frames, 0.95)),
        success=float(np.mean([t.succeeded for t in trials])),
        said_in_focus=float(said.mean()),
        false_in_focus=float((said & (error > FALSE_DOF)).mean()),
        error_median_dof=float(np.median(found)) if found.size else float("nan"),
        error_p95_dof=float(np.quantile(found, 0.95)) if found.size else float("nan"),
        left_median_dof=float(np.median(error)),
        left_p95_dof=float(np.quantile(error, 0.95)),
        wrong_direction=float(wrong[directed].mean()) if directed.any() else float("nan"),
        violations=sum(t.violations for t in trials),
        seconds_median=float(np.median(MOVE_S * moves + FRAME_S * frames)),
        verdicts=dict(Counter(t.verdict for t in trials)),
    )
