"""How a recorded search ended, and how another one does."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ..scale import Scale
from ..verdict import Outcome

__all__ = ["Ending", "ending_of", "outcome_data"]

NAN = float("nan")


@dataclass(frozen=True)
class Ending:
    """How a search ended, in the unit of the stage.

    Parameters
    ----------
    search : str or None
        Its name; None if the run was no search.
    verdict : str or None
        The kind of end.
    focus_position, expected_error : float or None
        Best estimate of the focus, and its standard error.
    frames : int or None
        Frames taken.
    """

    search: str | None
    verdict: str | None
    focus_position: float | None
    expected_error: float | None
    frames: int | None


def outcome_data(outcome: Outcome, frames: int, scale: Scale) -> dict[str, Any]:
    """Return the data of an event in the stream ``outcome``.

    Parameters
    ----------
    outcome : Outcome
        How the search ended.
    frames : int
        Frames taken.
    scale : Scale
        Of the stage.

    Returns
    -------
    dict
        Keys as `plans.autofocus` records them.
    """
    focus, error = outcome.position_dof, outcome.expected_error_dof
    return {
        "outcome_verdict": str(outcome.verdict),
        "outcome_side": str(outcome.side or ""),
        "outcome_message": outcome.message,
        "outcome_focus_position": NAN if focus is None else float(scale.to_stage(focus)),
        "outcome_expected_error": NAN if error is None else float(scale.to_stage(error)),
        "outcome_frames": frames,
    }


def ending_of(search: str | None, data: Mapping[str, Any]) -> Ending:
    """Read an ending from the data of an event in the stream ``outcome``.

    Parameters
    ----------
    search : str or None
        Name of the search.
    data : mapping
        The event's data; empty if there is none.

    Returns
    -------
    Ending
        With None for what is not there.
    """

    def number(field: str) -> float | None:
        value = data.get(f"outcome_{field}")
        return None if value is None or not isfinite(value) else float(value)

    verdict, frames = data.get("outcome_verdict"), data.get("outcome_frames")
    return Ending(
        search=search,
        verdict=None if verdict is None else str(verdict),
        focus_position=number("focus_position"),
        expected_error=number("expected_error"),
        frames=None if frames is None else int(frames),
    )
