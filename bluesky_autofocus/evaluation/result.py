"""What an evaluation of a stack says, as values."""

from collections.abc import Mapping
from dataclasses import dataclass

from .place import Place
from .reading import PlaneReading
from .sampling_fit import Sampling

__all__ = ["Focus", "MeasureResult", "Reference", "StackEvaluation", "StackScale"]


@dataclass(frozen=True)
class Reference:
    """The focus position that everything is compared with.

    Parameters
    ----------
    z : float or None
        In the unit of the positions; None if there is none.
    source : str
        Where it comes from.
    given : bool
        Whether someone who knows gave it; if not, it was measured on the stack itself.
    """

    z: float | None
    source: str
    given: bool


@dataclass(frozen=True)
class StackScale:
    """Length of one depth of field in the unit of the positions.

    Parameters
    ----------
    value : float or None
        The length; None where it is neither known nor told by the stack.
    std : float or None
        Standard error of a fitted one.
    fitted : bool
        Whether it was fitted to the stack's own distances instead of following from its optics.
    """

    value: float | None
    std: float | None
    fitted: bool

    @property
    def known(self) -> float | None:
        """The length where the optics tell it, else None."""
        return None if self.fitted else self.value


@dataclass(frozen=True)
class Focus:
    """A focus position found in a stack.

    Parameters
    ----------
    z : float
        In the unit of the positions.
    place : Place
        Where in the stack it lies.
    error : float or None
        Distance to the reference with its sign, in the same unit.
    error_dof : float or None
        The same in depths of field, where the optics tell how long one is.
    std : float or None
        Standard error of z, where the method has one.
    """

    z: float
    place: Place
    error: float | None
    error_dof: float | None
    std: float | None = None


@dataclass(frozen=True)
class MeasureResult:
    """A classical focus measure on a stack.

    Parameters
    ----------
    name : str
        Its name in `bluesky_autofocus.measures.MEASURES`.
    focus : Focus or None
        Its peak; None if it never changes.
    rho, rho_valid : float
        Spearman's rank correlation of the falling measure with the distance from the reference,
        over all planes and over those that the estimator trusts; NaN if undefined.
    """

    name: str
    focus: Focus | None
    rho: float
    rho_valid: float


@dataclass(frozen=True)
class StackEvaluation:
    """An evaluated stack.

    Parameters
    ----------
    name : str
        The last two parts of its path.
    unit : str
        Unit of all positions and lengths: ``um``, ``mm`` or ``index``.
    planes : tuple of PlaneReading
        In order of position.
    reference : Reference
        The focus position that it is compared with.
    scale : StackScale
        Length of one depth of field.
    focus : Focus or None
        Focus position by the estimator; None if the distances do not tell.
    floor_dof : float or None
        Distance that a plane in focus would be given, by the fit.
    rho, rho_valid : float
        Spearman's rank correlation of the predicted distance with that from the reference, over
        all planes and over the valid ones; NaN if undefined.
    relative_error, relative_error_valid : float
        Median of ``|predicted - true| / true`` distance over the planes, or valid planes, more than
        half a depth of field from the reference; NaN if undefined.
    far_planes, far_planes_valid : int
        How many planes that is.
    sampling : Sampling or None
        Sampling that was fitted, where the optics are unknown.
    measures : mapping of str to MeasureResult
        Every classical measure, by its name.
    notes : tuple of str
        What a reader of the numbers must know.
    """

    name: str
    unit: str
    planes: tuple[PlaneReading, ...]
    reference: Reference
    scale: StackScale
    focus: Focus | None
    floor_dof: float | None
    rho: float
    rho_valid: float
    relative_error: float
    relative_error_valid: float
    far_planes: int
    far_planes_valid: int
    sampling: Sampling | None
    measures: Mapping[str, MeasureResult]
    notes: tuple[str, ...]

    @property
    def valid_planes(self) -> int:
        """How many planes the estimator trusts."""
        return sum(plane.valid for plane in self.planes)
