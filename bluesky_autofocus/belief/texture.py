"""Whether anything in the frames changes with focus."""

from .focus_belief import FocusBelief
from .spectral_ratio import change

__all__ = ["is_unchanging", "largest_change"]

# Beyond this two spectra differ by more than noise.
CHANGED = 2.0


def largest_change(belief: FocusBelief) -> float:
    """Clearest difference of any frame's spectrum from the first one's.

    Parameters
    ----------
    belief : FocusBelief
        Belief after some frames.

    Returns
    -------
    float
        As `spectral_ratio.change`; 0 for less than two frames.
    """
    spectra = [frame.observation.spectrum for frame in belief.frames]
    return max((change(spectra[0], other) for other in spectra[1:]), default=0.0)


def is_unchanging(belief: FocusBelief) -> bool:
    """Tell whether all frames show the same, as those of an empty field do.

    Parameters
    ----------
    belief : FocusBelief
        Belief after some frames.

    Returns
    -------
    bool
        Whether no frame's spectrum differs from the first one's by more than noise.
    """
    return largest_change(belief) < CHANGED
