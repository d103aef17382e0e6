"""What a reader of an evaluation must know, in sentences."""

from collections import Counter
from collections.abc import Sequence

from ..focal_stack import FocalStack
from .place import Place
from .reading import PlaneReading
from .result import Focus, Reference, StackScale
from .sampling_fit import Sampling

__all__ = ["notes_on"]


def notes_on(
    stack: FocalStack,
    planes: Sequence[PlaneReading],
    reference: Reference,
    scale: StackScale,
    focus: Focus | None,
    *,
    sampling: Sampling | None,
) -> tuple[str, ...]:
    """Say what was assumed, fitted or left out.

    Parameters
    ----------
    stack : FocalStack
        The stack.
    planes : sequence of PlaneReading
        What was measured on it.
    reference : Reference
        What it is compared with.
    scale : StackScale
        Length of one depth of field.
    focus : Focus or None
        Focus position by the estimator.
    sampling : Sampling or None
        What was fitted, where the optics are unknown.

    Returns
    -------
    tuple of str
        One sentence or two each.
    """
    notes = []
    if sampling is not None:
        binned = f", binned {sampling.binning} x {sampling.binning}" if sampling.binning > 1 else ""
        notes.append(
            f"Optics unknown: a sampling of q = {sampling.recorded_q:g}{binned} was fitted, as it "
            "makes the planes' distances fit one focus best. Distances are right up to a factor; "
            "give --optics to have them in depths of field."
        )
    if scale.fitted:
        notes.append(_scale_note(stack, scale))
    if not reference.given:
        notes.append(_reference_note(reference))
    notes.append(_focus_note(focus))
    invalid = Counter(str(plane.estimate.validity) for plane in planes if not plane.valid)
    if invalid:
        reasons = ", ".join(f"{reason} {count}" for reason, count in invalid.most_common())
        notes.append(
            f"{sum(invalid.values())} of {len(planes)} planes do not tell their distance: "
            f"{reasons}. They do not enter the focus position."
        )
    if stack.duplicates:
        notes.append(
            f"Left out, as an earlier line has the same position: {', '.join(stack.duplicates)}."
        )
    return tuple(note for note in notes if note)


def _scale_note(stack: FocalStack, scale: StackScale) -> str:
    if scale.value is None:
        return "The predicted distances do not tell how long a depth of field is on this stack."
    return (
        f"The scale, {scale.value:.3g} {stack.unit} per depth of field, was fitted to this stack's "
        "own predictions: it is no measurement, and what follows from it says only how well the "
        "shape fits."
    )


def _reference_note(reference: Reference) -> str:
    if reference.z is None:
        return (
            "No plane is sharper than another, so there is no reference to compare with. "
            "Give --focus if you know where focus is."
        )
    return (
        f"The reference is the {reference.source}: a measurement and not the truth, and it "
        "flatters that measure. Give --focus if you know better."
    )


def _focus_note(focus: Focus | None) -> str:
    if focus is None:
        return "The predicted distances do not tell where focus is."
    match focus.place:
        case Place.LOW_END | Place.HIGH_END:
            return f"Focus lies at the {focus.place.said} of the stack: one side of it is shown."
        case Place.BEYOND_LOW_END | Place.BEYOND_HIGH_END:
            return (
                f"Focus lies {focus.place.said} of the stack: its position is extrapolated from "
                "planes on one side."
            )
        case _:
            return ""
