"""Whether an estimate can be trusted, and if not, why."""

from enum import StrEnum

__all__ = ["VALIDITY_CODES", "Validity"]


class Validity(StrEnum):
    """What an estimate is worth."""

    GOOD = "good"
    NO_TEXTURE = "no_texture"
    SATURATED = "saturated"
    TOO_DARK = "too_dark"
    UNCERTAIN = "uncertain"


VALIDITY_CODES: tuple[Validity, ...] = tuple(Validity)
"""The numbers that stand for them in a map, from 0."""
