"""How a search for the altitudes of a field ends."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..regions import Altitude, FieldRegions
from ..verdict import Outcome, Side, Verdict
from .protocol import Move, Window
from .refusals import bad_frames, not_converged
from .steps import Sample

__all__ = ["MOST_UNDECIDED", "RegionsFound", "regions_outcome"]

MOST_UNDECIDED = 0.08
"""So much of a field may show something that was not seen in focus: cells on a border seem to be in
focus between two altitudes, or tell nothing."""


@dataclass(frozen=True, eq=False)
class RegionsFound:
    """What a search has found.

    Parameters
    ----------
    seen : FieldRegions or None
        Altitudes that were seen in focus.
    wanted : sequence of Altitude
        Those of them that were looked for.
    outside : sequence of Altitude
        Altitudes beyond the window.
    unseen : sequence of Altitude
        Altitudes inside that have not been looked at enough.
    undecided_fraction : float
        Share of the cells that show something and must be seen in focus, and were not.
    place_left : Move, optional
        Where a frame more might have shown what seems to be blank.
    """

    seen: FieldRegions | None
    wanted: Sequence[Altitude]
    outside: Sequence[Altitude]
    unseen: Sequence[Altitude]
    undecided_fraction: float
    place_left: Move | None = None


def regions_outcome(
    field: FieldRegions, found: RegionsFound, samples: Sequence[Sample], window: Window
) -> Outcome:
    """Say how a search ended.

    Parameters
    ----------
    field : FieldRegions
        Altitudes and regions as they are known.
    found : RegionsFound
        What has been seen of them.
    samples : sequence of Sample
        All frames.
    window : Window
        Positions that may be visited.

    Returns
    -------
    Outcome
        In focus if all that was looked for has been seen so.
    """
    seen, frames = found.seen, len(samples)
    if seen is None or not (seen.altitudes or found.outside or found.unseen):
        detail = f"No part of the field was seen to come into focus in {frames} frames."
        return bad_frames(list(samples), 0.5) or Outcome(Verdict.NO_TEXTURE, detail=detail)
    count = len(seen.altitudes)
    told = (
        f"{'One altitude was' if count == 1 else f'{count} altitudes were'} seen in focus by "
        f"{frames} frames; {seen.unknown_fraction:.0%} of the field tells of none."
    )
    if found.unseen:
        places = ", ".join(f"{a.focus_dof:.1f} ({a.probability:.0%})" for a in found.unseen)
        return not_converged(f"{told} Not seen: what is at {places} depths of field.")
    if found.outside:
        first = found.outside[0]
        side = Side.LOW if first.focus_dof < window.low_dof else Side.HIGH
        return Outcome(Verdict.OUT_OF_RANGE, first.focus_dof, first.sigma_dof, side, told)
    if found.undecided_fraction > MOST_UNDECIDED:
        return not_converged(
            f"{told} {found.undecided_fraction:.0%} of it shows something and was not seen in "
            "focus. Look in a smaller window, in more light, or at that part alone with "
            "autofocus_region."
        )
    if found.place_left:
        return not_converged(
            f"{told} That part may be blank, or be in focus where no frame was taken, such as at "
            f"{found.place_left.position_dof:.0f} depths of field. Look in a smaller window, or at "
            "that part alone with autofocus_region."
        )
    if not found.wanted:
        return not_converged(f"{told} What was picked is not among them.")
    main = max(found.wanted, key=lambda a: int((field.labels == a.label).sum()))
    return Outcome(
        Verdict.IN_FOCUS,
        position_dof=main.focus_dof,
        expected_error_dof=main.sigma_dof,
        detail=told,
    )
