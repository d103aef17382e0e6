"""Whether an estimate can be trusted, and if not, why."""

from enum import StrEnum

__all__ = ["VALIDITY_CODES", "Validity", "code_of"]


class Validity(StrEnum):
    """What an estimate is worth."""

    GOOD = "good"
    NO_TEXTURE = "no_texture"
    SATURATED = "saturated"
    TOO_DARK = "too_dark"
    UNCERTAIN = "uncertain"


VALIDITY_CODES: tuple[Validity, ...] = tuple(Validity)
"""The numbers that stand for them in a map, from 0."""


def code_of(validity: Validity) -> int:
    """Return the number that stands for a validity.

    Parameters
    ----------
    validity : Validity
        What an estimate is worth.

    Returns
    -------
    int
        Its place in `VALIDITY_CODES`.
    """
    return VALIDITY_CODES.index(validity)
