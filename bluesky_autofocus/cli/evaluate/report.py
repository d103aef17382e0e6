"""What an evaluation of some stacks has to say, for programs."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bluesky_autofocus.evaluation import StackEvaluation, evaluation_to_json
from bluesky_autofocus.optics import Optics

__all__ = ["EvaluateReport", "EvaluatedStack"]


@dataclass(frozen=True)
class EvaluatedStack:
    """One stack that was evaluated.

    Parameters
    ----------
    folder : Path
        As given.
    shape : (int, int)
        Rows and columns of its planes.
    full_scale : float
        Grey level at which its camera saturates, as far as the planes tell.
    evaluation : StackEvaluation
        What was found.
    figure : Path
        Its picture.
    """

    folder: Path
    shape: tuple[int, int]
    full_scale: float
    evaluation: StackEvaluation
    figure: Path

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints of this stack.

        Returns
        -------
        dict
            Plain values.
        """
        return {
            "stack": str(self.folder),
            "shape": list(self.shape),
            "full_scale": self.full_scale,
            "figure": str(self.figure),
            **evaluation_to_json(self.evaluation),
        }


@dataclass(frozen=True)
class EvaluateReport:
    """All stacks of one command.

    Parameters
    ----------
    optics : Optics or None
        What took them; None if nobody knows.
    version, weights_sha256 : str
        Which estimator.
    stacks : tuple of EvaluatedStack
        Those that were evaluated.
    failed : tuple of (Path, str)
        Those that were not, and why.
    """

    optics: Optics | None
    version: str
    weights_sha256: str
    stacks: tuple[EvaluatedStack, ...] = ()
    failed: tuple[tuple[Path, str], ...] = ()

    def with_stack(self, stack: EvaluatedStack) -> "EvaluateReport":
        """Return the report with one more stack.

        Parameters
        ----------
        stack : EvaluatedStack
            An evaluated one.

        Returns
        -------
        EvaluateReport
            A new report.
        """
        return replace(self, stacks=(*self.stacks, stack))

    def with_failed(self, folder: Path, error: str) -> "EvaluateReport":
        """Return the report with one more stack that could not be evaluated.

        Parameters
        ----------
        folder : Path
            As given.
        error : str
            Why.

        Returns
        -------
        EvaluateReport
            A new report.
        """
        return replace(self, failed=(*self.failed, (folder, error)))

    def to_json(self) -> dict[str, Any]:
        """Return the one object that ``--json`` prints.

        Returns
        -------
        dict
            Plain values.
        """
        optics = None
        if self.optics is not None:
            optics = {
                **asdict(self.optics),
                "sampling_q": round(self.optics.sampling_q, 6),
                "depth_of_field_um": round(self.optics.depth_of_field_um, 6),
            }
        return {
            "estimator": {"version": self.version, "weights_sha256": self.weights_sha256},
            "optics": optics,
            "stacks": [stack.to_json() for stack in self.stacks],
            "failed": [{"stack": str(folder), "error": error} for folder, error in self.failed],
        }
