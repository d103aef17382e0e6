"""How a run says what came of it: the readout of its outcome, and the place in words."""

from bluesky_autofocus.scale import Scale
from bluesky_autofocus.verdict import Outcome, Verdict

from .readouts import Readout

__all__ = ["outcome_readout", "place_in_words"]


def outcome_readout(unit: str) -> Readout:
    """Make what publishes how a run ended.

    Parameters
    ----------
    unit : str
        The stage's unit.

    Returns
    -------
    Readout
        With nothing published yet.
    """
    units = {"focus_position": unit, "expected_error": unit}
    fields = ("verdict", "side", "message", *units, "frames", "restored")
    return Readout("outcome", {field: units.get(field, "") for field in fields})


def place_in_words(outcome: Outcome, scale: Scale) -> str:
    """Say where focus is, as far as that is known.

    Parameters
    ----------
    outcome : Outcome
        Of a search.
    scale : Scale
        Of the stage.

    Returns
    -------
    str
        A sentence and a blank; empty where nothing is known.
    """
    focus, error = outcome.position_dof, outcome.expected_error_dof
    if focus is None:
        return ""
    seems = "is" if outcome.verdict is Verdict.IN_FOCUS else "seems to be"
    about = "" if error is None else f" ± {scale.to_stage(error):.2g}"
    return f"Focus {seems} at {scale.to_stage(focus):.6g}{about} {scale.unit}. "
