"""How an autofocus run can end, each with a sentence that says what to do."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ADVICE", "Outcome", "Side", "Verdict"]


class Verdict(StrEnum):
    """The ways in which an autofocus run can end."""

    IN_FOCUS = "in_focus"
    OUT_OF_RANGE = "out_of_range"
    NO_TEXTURE = "no_texture"
    SATURATED = "saturated"
    TOO_DARK = "too_dark"
    NOT_CONVERGED = "not_converged"
    STAGE_FAULT = "stage_fault"
    CAMERA_FAULT = "camera_fault"


class Side(StrEnum):
    """The end of the window beyond which focus seems to lie, in stage coordinates."""

    LOW = "low"
    HIGH = "high"


ADVICE: dict[Verdict, str] = {
    Verdict.IN_FOCUS: "The sample is in focus.",
    Verdict.OUT_OF_RANGE: (
        "Focus seems to lie beyond the {side} end of the window: widen the window on that side, "
        "or move the sample."
    ),
    Verdict.NO_TEXTURE: (
        "Nothing in the field changes with focus: move to a part of the sample that has structure."
    ),
    Verdict.SATURATED: "Too much light: shorten the exposure, lower the gain or the illumination.",
    Verdict.TOO_DARK: "Too little light: open the shutter, lengthen the exposure or add light.",
    Verdict.NOT_CONVERGED: (
        "No trustworthy focus was found: try a narrower window, another search, or less vibration."
    ),
    Verdict.STAGE_FAULT: "The stage did not do as told: check its limits, brake and controller.",
    Verdict.CAMERA_FAULT: "The camera did not deliver a frame: check its connection and driver.",
}


@dataclass(frozen=True)
class Outcome:
    """How a search ended.

    Parameters
    ----------
    verdict : Verdict
        The kind of end.
    position_dof : float, optional
        Best estimate of the focus position, in depths of field in stage coordinates.
    expected_error_dof : float, optional
        Standard error of `position_dof`, in depths of field.
    side : Side, optional
        With `out_of_range`: the end of the window beyond which focus seems to lie.
    detail : str
        What the search saw, with numbers; the advice is added to it.
    """

    verdict: Verdict
    position_dof: float | None = None
    expected_error_dof: float | None = None
    side: Side | None = None
    detail: str = ""

    @property
    def message(self) -> str:
        """One or two sentences: what was seen and what to do."""
        advice = ADVICE[self.verdict].format(side=self.side or "far")
        return f"{self.detail} {advice}".strip()
