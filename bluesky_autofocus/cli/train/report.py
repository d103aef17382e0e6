"""What a training has to say, for programs and for people."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

__all__ = ["TrainReport"]


@dataclass(frozen=True)
class TrainReport:
    """A training that has ended.

    Parameters
    ----------
    folder : Path
        Where everything is.
    weights : Path or None
        The weights; None if they were not saved.
    card : dict
        The model card.
    """

    folder: Path
    weights: Path | None
    card: dict[str, Any]

    @property
    def saved(self) -> bool:
        """Whether weights were written."""
        return self.weights is not None

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints.

        Returns
        -------
        dict
            Plain values.
        """
        return {
            "weights": None if self.weights is None else str(self.weights.absolute()),
            "card": str((self.folder / "estimator.json").absolute()),
            **self.card,
        }

    def print(self, console: Console) -> None:
        """Tell a person.

        Parameters
        ----------
        console : rich.console.Console
            Where to.
        """

        def tell(text: str, style: str | None = None) -> None:
            console.print(text, style=style, markup=False, soft_wrap=True)

        for sweep in self.card.get("sweeps", []):
            planes = f"{sweep['used']} of {sweep['planes']} planes, {sweep['held_back']} held back"
            focus = f"{sweep['focus']:.6g} {sweep['unit']} ({sweep['focus_source']})"
            tell(f"{sweep['name']}: {planes}; focus at {focus}")
        if "before" in self.card:
            for part in ("summary", "maps"):
                old, new = (self.card[k]["held_back"][part]["rmse_s"] for k in ("before", "after"))
                tell(f"RMSE of s, planes held back, {part}: {_number(old)} → {_number(new)}")
            for part, sets in self.card["before"]["simulated"].items():
                for name, figures in sets.items():
                    new = self.card["after"]["simulated"][part][name]["rmse_s"]
                    old = figures["rmse_s"]
                    tell(f"RMSE of s, {name} scenes, {part}: {_number(old)} → {_number(new)}")
        else:
            figures = self.card["figures_on_calibration_families"]
            for part, sets in figures.items():
                for name, values in sets.items():
                    tell(f"RMSE of s, {name} scenes, {part}: {_number(values['rmse_s'])}")
        tell(f"{sum(self.card['seconds'].values()):.0f} s in all")
        if self.weights is None:
            tell("Not saved, as it got worse elsewhere:", "red")
            for line in self.card["worse"]:
                tell(f"  {line}", "red")
            tell("Give more varied sweeps, or --force.", "red")
        else:
            tell(f"weights: {self.weights}, sha256 {self.card['sha256'][:12]}")


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
