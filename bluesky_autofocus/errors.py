"""Errors that a user can act on: what happened, the value, the limit, what to do."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .result import FocusResult


class AutofocusError(Exception):
    """Base of every error that this project raises on purpose."""


class OpticsError(AutofocusError, ValueError):
    """A parameter of the imaging system that no real system has."""


class SceneError(AutofocusError, ValueError):
    """An object, illumination or sensor that cannot be rendered."""


class FocalStackError(AutofocusError, ValueError):
    """A focal stack folder that is missing or malformed."""


class FrameError(AutofocusError, ValueError):
    """A frame that cannot be measured: wrong shape, type or values."""


class RegionError(AutofocusError, ValueError):
    """A region of interest that is malformed or does not lie in the frame."""


class SurfaceError(AutofocusError, ValueError):
    """Points that make no focus surface, or places for which it says nothing."""


class FusionError(AutofocusError, ValueError):
    """Planes that cannot be fused: malformed, or not to be brought into line."""


class MeasureError(AutofocusError, ValueError):
    """A focus measure that does not exist."""


class WeightsError(AutofocusError, ValueError):
    """Weights of a network that are missing, damaged or of another network."""


class TrainingError(AutofocusError, RuntimeError):
    """A training that cannot be started, gone on with, or kept."""


class SearchError(AutofocusError, ValueError):
    """A search that does not exist, or settings with which it cannot work."""


class WindowError(AutofocusError, ValueError):
    """An allowed window that is empty, inverted, or reaches past the stage's limits."""


class BenchmarkError(AutofocusError, RuntimeError):
    """A benchmark that cannot be run as asked, or whose measurement failed."""


class StationError(AutofocusError, ValueError):
    """A station file that is missing or malformed."""


class CalibrationError(AutofocusError, ValueError):
    """A sweep that does not show what a calibration needs."""


class StageFaultError(AutofocusError, RuntimeError):
    """The stage did not go where it was told, or did not answer in time."""


class CameraFaultError(AutofocusError, RuntimeError):
    """The camera did not deliver the frame that it announced, or not in time."""


class NotRestoredError(AutofocusError, RuntimeError):
    """Stage or camera could not be put back to the state in which they were found.

    Parameters
    ----------
    message : str
        What could not be put back, and what went wrong before.
    result : FocusResult, optional
        How the run itself ended.
    """

    def __init__(self, message: str, result: "FocusResult | None" = None):
        super().__init__(message)
        self.result = result


class KeepFocusError(AutofocusError, ValueError):
    """Settings that do not say when to check the focus, or a plan that moves the focus stage."""


class FocusLostError(AutofocusError, RuntimeError):
    """A plan was to be kept in focus, and the focus was lost and not found again.

    Parameters
    ----------
    message : str
        What was seen, and what to do.
    result : FocusResult, optional
        How the attempt to focus again ended; None if no frame could be taken.
    """

    def __init__(self, message: str, result: "FocusResult | None" = None):
        super().__init__(message)
        self.result = result


class CatalogError(AutofocusError, RuntimeError):
    """The catalog cannot be opened, written or read."""


class ReplayError(AutofocusError, RuntimeError):
    """A stored run that cannot be replayed as asked."""


class StudyError(AutofocusError, RuntimeError):
    """Recorded stacks from which a study cannot be made, or sweeps that cannot be recorded."""
