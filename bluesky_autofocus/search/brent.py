"""Brent's search."""

from dataclasses import dataclass

from scipy.optimize import minimize_scalar

from ..errors import SearchError
from .curve_search import CurveSearch
from .protocol import Move
from .steps import Sample, Steps

__all__ = ["Brent"]


class _NextPosition(Exception):  # noqa: N818 - a signal, not an error
    """The minimiser asks for a position that has not been visited."""


@dataclass(frozen=True, kw_only=True)
class Brent(CurveSearch):
    """Golden section with parabolic steps near the peak [1]_, as Micro-Manager's OughtaFocus.

    SciPy's bounded minimiser is run anew for each step, and the history answers its questions in
    the order in which it asks them.

    Parameters
    ----------
    window, start_dof, tolerance_dof, approach, history
        As `CurveSearch`.
    max_evaluations : int
        Most frames of the exploration; 3 to 1000.

    References
    ----------
    .. [1] Brent, "Algorithms for Minimization without Derivatives", 1973, chapter 5.
    """

    max_evaluations: int = 40

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        if not 3 <= self.max_evaluations <= 1000:
            raise SearchError(
                f"Brent's search with {self.max_evaluations} evaluations is not possible, "
                "3 to 1000 are. 40 is usual."
            )

    @property
    def max_exploring_frames(self) -> int:
        """Most frames of the exploration."""
        return self.max_evaluations

    def _explore(self, begun: tuple[Sample, ...]) -> Steps[tuple[Sample, ...]]:
        samples: tuple[Sample, ...] = ()
        answers = self.history[len(begun) :]
        for index, position in enumerate(self._asked(answers), start=1):
            samples += ((yield Move(position, f"Brent {index}")),)
        return samples

    def _asked(self, answers: tuple[Sample, ...]) -> list[float]:
        """Return the positions asked for, given the answers: all of them, or one more."""
        asked: list[float] = []
        worst = 0.0

        def objective(position: float) -> float:
            nonlocal worst
            asked.append(float(position))
            if len(asked) > len(answers):
                raise _NextPosition
            sample = answers[len(asked) - 1]
            # An unusable frame counts as the worst so far, which sends the search elsewhere.
            value = -sample.sharpness if sample.usable else worst
            worst = value if len(asked) == 1 else max(worst, value)
            return value

        try:
            minimize_scalar(
                objective,
                bounds=(self.window.low_dof, self.window.high_dof),
                method="bounded",
                options={"xatol": self.tolerance_dof, "maxiter": self.max_evaluations},
            )
        except _NextPosition:
            pass
        return asked
