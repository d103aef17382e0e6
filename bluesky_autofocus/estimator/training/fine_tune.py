"""Fit the estimator to a station's own sweeps, and see that it forgets nothing."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...errors import TrainingError
from ..weights import Weights, load_weights, save_weights
from .completion import Progress, versions
from .dataset import Dataset
from .examples import ExampleSet
from .figures import map_figures, summary_figures
from .fit_maps import fit_maps
from .fit_pairs import fit_pairs
from .fit_settings import FitSettings
from .fit_summary import fit_summary
from .folder import TrainingFolder
from .generate import generate
from .options import TrainingOptions
from .scene_sets import shards_of
from .shards import read_shard
from .sweep import Sweep, examples_of_sweep, joined
from .trainer import Schedule

__all__ = ["FineTuning", "fine_tune"]

SCHEDULES = {
    "summary": Schedule(epochs=10, rate=3e-4, average=0.98),
    "maps": Schedule(epochs=3, rate=2e-4, average=0.98),
    "pairs": Schedule(epochs=1, rate=2e-4, average=0.98),
}
MOST_WORSE = 1.1
# Far above any simulated scene's number.
FIRST_SWEEP = 10**8


@dataclass(frozen=True)
class FineTuning:
    """What came of it.

    Parameters
    ----------
    weights : Path or None
        The new weights; None if they were not worth saving.
    card : dict
        Model card, plain values: ``before`` and ``after`` hold the figures.
    """

    weights: Path | None
    card: dict[str, Any]


def fine_tune(
    folder: Path,
    options: TrainingOptions,
    sweeps: Sequence[Sweep],
    *,
    weights: Path | None = None,
    force: bool = False,
    workers: int = 1,
    device: str = "cpu",
    progress: Progress | None = None,
) -> FineTuning:
    """Go on from weights for a few epochs, half on sweeps and half on simulated scenes.

    The calibration stays as it was: what confidence means was fitted on many samples, not on these.

    Parameters
    ----------
    folder : Path
        As for `run.train`.
    options : TrainingOptions
        Its scenes, seed, epochs factor and calibration scenes count.
    sweeps : sequence of Sweep
        At least one.
    weights : Path, optional
        To go on from; default: those shipped.
    force : bool, default False
        Save weights even if they got worse by more than 10 % on simulated scenes.
    workers, device, progress
        As for `run.train`.

    Returns
    -------
    FineTuning
        The weights, and figures before and after.

    Raises
    ------
    AutofocusError
        If a sweep, the weights or the folder cannot be used.
    """
    if not sweeps:
        raise TrainingError("There are no sweeps to fine-tune on. Give one or more.")
    base = load_weights(weights)
    made = [
        examples_of_sweep(sweep, FIRST_SWEEP + k, weights=weights) for k, sweep in enumerate(sweeps)
    ]
    said = [part.said for part in made]
    place = TrainingFolder(folder)
    schedules = {name: vars(_schedule(name, options)) for name in SCHEDULES}
    learning = options.as_dict() | {"widths": base.widths.as_dict(), "schedules": schedules}
    asked = learning | {"from": base.sha256, "sweeps": said}
    with place.claimed(asked):
        sets = _simulated(place, options, workers, progress)
        simulated = sets.pop("training")
        learned = joined([part.learned for part in made])
        held_back = Dataset([joined([part.held_back for part in made])])
        checks = {name: Dataset([part]) for name, part in sets.items()}
        before = _figures(base, held_back, checks)
        tuned = load_weights(weights)
        data = Dataset([simulated, _repeated(learned, len(simulated.truth))], device)
        _fit(tuned, data, place, options, progress)
        after = _figures(tuned, held_back, checks)
        worse = _worse(before, after)
        card = {
            "version": f"{base.version}, fine-tuned",
            "from": base.sha256,
            "sweeps": said,
            "options": learning,
            "versions": versions(),
            "seconds": place.seconds,
            "calibration": vars(base.calibration),
            "before": before,
            "after": after,
            "worse": worse,
            "sha256": None,
        }
        if worse and not force:
            place.write_card(card)
            return FineTuning(None, card)
        digest = save_weights(
            place.weights,
            tuned.summary,
            tuned.maps,
            tuned.pairs,
            widths=tuned.widths,
            calibration=base.calibration,
            version=card["version"],
        )
        place.write_card(card | {"sha256": digest})
        return FineTuning(place.weights, card | {"sha256": digest})


def _simulated(
    place: TrainingFolder, options: TrainingOptions, workers: int, progress: Progress | None
) -> dict[str, ExampleSet]:
    found = {}
    for name, scenes in options.sets.items():

        def report(done: int, of: int, name: str = name) -> None:
            if progress is not None:
                progress(f"{name} scenes", done, of, None)

        folder = place.examples(name)
        with place.timed(f"{name} scenes"):
            generate(folder, scenes, workers=workers, on_shard=report)
        shards = shards_of(folder, scenes)
        found[name] = joined([read_shard(shard.path, shard.origin) for shard in shards])
    return found


def _repeated(examples: ExampleSet, count: int) -> ExampleSet:
    """Repeat examples until there are about as many as simulated ones."""
    return joined([examples] * max(1, round(count / len(examples.truth))))


def _fit(
    tuned: Weights,
    data: Dataset,
    place: TrainingFolder,
    options: TrainingOptions,
    progress: Progress | None,
) -> None:
    """Fit the three networks in place."""

    def settings(network: str) -> FitSettings:
        def report(step: int, of: int, loss: float) -> None:
            if progress is not None:
                progress(network, step, of, loss)

        return FitSettings(
            tuned.widths,
            _schedule(network, options),
            options.seed,
            place.checkpoint(network),
            report,
        )

    def timed(stage: str) -> AbstractContextManager[None]:
        return place.timed(stage)

    with timed("summary"):
        fit_summary(data, settings("summary"), tuned.summary.requires_grad_(True))
    with timed("maps"):
        fit_maps(data, settings("maps"), tuned.maps.requires_grad_(True))
    with timed("pairs"):
        fit_pairs(data, tuned.maps, settings("pairs"), tuned.pairs.requires_grad_(True))
    for net in (tuned.summary, tuned.maps, tuned.pairs):
        net.cpu()


def _schedule(network: str, options: TrainingOptions) -> Schedule:
    usual = SCHEDULES[network]
    return replace(usual, epochs=max(1, round(options.epochs_scale * usual.epochs)))


def _figures(weights: Weights, held_back: Dataset, checks: dict[str, Dataset]) -> dict[str, Any]:
    """Return figures on the planes held back and on simulated scenes."""
    c = weights.calibration
    return {
        "held_back": {
            "summary": summary_figures(
                weights.summary, held_back, temperature=c.summary_temperature
            ),
            "maps": map_figures(
                weights.maps,
                held_back,
                temperature=c.map_temperature,
                certain_std=c.map_certain_std,
            ),
        },
        "simulated": {
            "summary": {
                name: summary_figures(weights.summary, data, temperature=c.summary_temperature)
                for name, data in checks.items()
            },
            "maps": {
                "varied": map_figures(
                    weights.maps,
                    checks["varied"],
                    temperature=c.map_temperature,
                    certain_std=c.map_certain_std,
                )
            },
        },
    }


def _worse(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Name what got worse by more than a tenth on simulated scenes."""
    found = []
    for network, parts in before["simulated"].items():
        for name, figures in parts.items():
            old, new = figures["rmse_s"], after["simulated"][network][name]["rmse_s"]
            if old is not None and not new <= MOST_WORSE * old:
                found.append(
                    f"{network}, {name} scenes: RMSE of s {new:.4f} after {old:.4f}, "
                    f"{100 * (new / old - 1):.0f} % worse"
                )
    return found
