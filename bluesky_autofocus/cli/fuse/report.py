"""What the command `fuse` says."""

from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

__all__ = ["FuseReport"]


@dataclass(frozen=True)
class FuseReport:
    """A fused stack in numbers.

    Parameters
    ----------
    source : str
        The run's uid, or the folder.
    derived_uid : str or None
        The run that was derived, and whether it was in the catalog before.
    done_before : bool
        Whether it was.
    planes : int
        Planes that were fused.
    lowest, highest : float
        Positions of the first and the last.
    unit : str
        Of positions and heights.
    quality : dict of str to float
        As of `FusedRun`.
    note : str
        What should be known; or empty.
    files : tuple of str
        What was written.
    """

    source: str
    derived_uid: str | None
    done_before: bool
    planes: int
    lowest: float
    highest: float
    unit: str
    quality: dict[str, float]
    note: str
    files: tuple[str, ...]

    @property
    def told(self) -> str:
        """The same in sentences."""
        q = self.quality
        lines = [
            f"{self.source}: {self.planes} planes from {self.lowest:.6g} to {self.highest:.6g} "
            f"{self.unit}",
            f"  height    told for {q['valid_share']:.0%} of the field, "
            f"± {q['median_sigma']:.2g} {self.unit} in the middle",
            f"  image     {q['sharpness_gain']:.1f} times the sharpness of the best single plane",
        ]
        if q["edge_share"] > 0.01:
            lines.append(
                f"  ends      {q['edge_share']:.0%} of the field is sharpest in the first or last "
                "plane: the sample may reach beyond them"
            )
        if self.note:
            lines.append(f"  note      {self.note}")
        if self.derived_uid is not None:
            stood = "stood in the catalog already" if self.done_before else "in the catalog"
            lines.append(f"  run       {self.derived_uid}, {stood}")
        lines.append(
            f"  files     {', '.join(Path(name).name for name in self.files)} in "
            f"{Path(self.files[0]).parent}"
        )
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints.

        Returns
        -------
        dict
            Plain values.
        """
        quality = {key: value if isfinite(value) else None for key, value in self.quality.items()}
        return {**asdict(self), "files": list(self.files), "quality": quality}
