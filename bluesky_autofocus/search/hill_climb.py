"""Hill climbing."""

from dataclasses import dataclass
from math import inf, isfinite

from ..errors import SearchError
from ..verdict import Side
from .curve_search import CurveSearch
from .protocol import Move
from .steps import Sample, Steps

__all__ = ["HillClimb"]


@dataclass(frozen=True, kw_only=True)
class HillClimb(CurveSearch):
    """Step while it gets sharper; else turn round and halve the step [1]_.

    It begins at the start position, so it suits a stage that is near focus already.

    Parameters
    ----------
    window, start_dof, tolerance_dof, approach, history
        As `CurveSearch`.
    first_step_dof : float, optional
        Length of the first step; default: a twentieth of the window.
    max_steps : int
        Most frames of the climb, the one at the start included; 3 to 1000.

    References
    ----------
    .. [1] He, Zhou and Hong, "Modified fast climbing search auto-focus algorithm with adaptive
       step size searching technique for digital camera", IEEE Trans. Consum. Electron. 49, 2003.
    """

    first_step_dof: float | None = None
    max_steps: int = 60

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        if not 3 <= self.max_steps <= 1000:
            raise SearchError(
                f"A hill climb of {self.max_steps} steps is not possible, 3 to 1000 are. "
                "60 is usual."
            )
        first = self.first_step_dof
        if first is not None and not (isfinite(first) and first > 0):
            raise SearchError(
                f"The first step is {first:g} depths of field, a positive number is needed."
            )

    @property
    def max_exploring_frames(self) -> int:
        """Most frames of the exploration beyond the first one."""
        return self.max_steps - 1

    def _explore(self, begun: tuple[Sample, ...]) -> Steps[tuple[Sample, ...]]:
        step = self.first_step_dof or self.window.width_dof / 20
        direction = 1 if self.approach is Side.LOW else -1
        here, best = self._home(begun), begun[-1].sharpness if begun[-1].usable else -inf
        samples: tuple[Sample, ...] = ()
        while len(samples) < self.max_exploring_frames and step >= self.tolerance_dof:
            target = self.window.clip(here + direction * step)
            if target != here:
                sample = yield Move(target, f"hill climb {len(samples) + 1}")
                samples += (sample,)
                if sample.usable and sample.sharpness > best:
                    here, best = target, sample.sharpness
                    continue
            direction, step = -direction, step / 2
        return samples
