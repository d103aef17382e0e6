"""The searches under test, by name: each takes a look at a scene until it says it is done."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...belief import Observation, observe
from ...estimator.distribution import BINS
from ...measurement import Measurement, measure_frame
from ...measures import measure
from ...search import Move, Search, Window, make_search
from ...verdict import Outcome, Verdict
from ..estimators import estimator_of
from .look import Look
from .others import bounce, fitted_golden_section, oughta_focus
from .single import SingleFrameSearch

__all__ = ["BELIEF", "CLASSICAL", "CONTENDERS", "LEARNED", "end_of"]

BELIEF = "belief"

Frame = NDArray[np.unsignedinteger]
Measure = Callable[[Frame], Measurement]
Contender = Callable[[Look, Path | None], Verdict]


def _driven(look: Look, search: Search | SingleFrameSearch, measured: Measure) -> Verdict:
    """Move and measure until a search has an outcome."""
    while isinstance(step := search.suggest(), Move):
        frame = look(step.position_dof)
        search = search.ingest(step.position_dof, measured(frame))
    return step.verdict if isinstance(step, Outcome) else Verdict.NOT_CONVERGED


def _window(look: Look) -> Window:
    return Window(-look.task.half_dof, look.task.half_dof)


def _observer(look: Look, weights: Path | None) -> Callable[[Frame], Observation]:
    estimator = estimator_of(look.scene, weights)
    return lambda frame: observe(frame, estimator)


def _belief(look: Look, weights: Path | None) -> Verdict:
    search = make_search(BELIEF, window=_window(look), start_dof=look.task.start_dof)
    return _driven(look, search, _observer(look, weights))


def _single(look: Look, weights: Path | None) -> Verdict:
    search = SingleFrameSearch(_window(look), look.task.start_dof)
    return _driven(look, search, _observer(look, weights))


def _ratio(look: Look, weights: Path | None) -> Verdict:
    observer, unknown = _observer(look, weights), np.full(BINS, 1 / BINS)

    def spectrum_alone(frame: Frame) -> Observation:
        return replace(observer(frame), probabilities=unknown, in_focus=False)

    search = make_search(BELIEF, window=_window(look), start_dof=look.task.start_dof)
    return _driven(look, search, spectrum_alone)


def _classical(search: str, measure_name: str) -> Contender:
    def run(look: Look, weights: Path | None) -> Verdict:
        function = measure(measure_name)

        def measured(frame: Frame) -> Measurement:
            return measure_frame(frame, measure=function, full_scale=look.frame_scale)

        made = make_search(search, window=_window(look), start_dof=look.task.start_dof)
        return _driven(look, made, measured)

    return run


def _foreign(
    method: Callable[..., float], value_of: Callable[[Look, Path | None], Callable[[Frame], float]]
) -> Contender:
    """Run a search of another tool: it has no verdict but success."""

    def run(look: Look, weights: Path | None) -> Verdict:
        value = value_of(look, weights)
        half = look.task.half_dof
        look.end_at(method(lambda x: value(look(x)), -half, half, look.task.start_dof))
        return Verdict.IN_FOCUS

    return run


def _by_measure(name: str) -> Callable[[Look, Path | None], Callable[[Frame], float]]:
    function = measure(name)
    return lambda look, weights: lambda frame: float(function(frame))


def _by_distance(look: Look, weights: Path | None) -> Callable[[Frame], float]:
    estimator = estimator_of(look.scene, weights)
    return lambda frame: -estimator.summary(frame).distance_dof


LEARNED: dict[str, Contender] = {
    BELIEF: _belief,
    "single frames only": _single,
    "ratio only": _ratio,
    "golden section on the estimator, fitted": _foreign(fitted_golden_section, _by_distance),
}
"""Searches that use the estimator, or the belief's comparison of spectra."""

CLASSICAL: dict[str, Contender] = {
    **{
        f"{search}, {said}": _classical(search, name)
        for name, said in (
            ("blurred_gradient", "blurred gradient"),
            ("normalised_variance", "normalised variance"),
        )
        for search in ("sweep", "golden", "brent", "hill_climb")
    },
    "OughtaFocus, normalised variance": _foreign(oughta_focus, _by_measure("normalised_variance")),
    "bounce, blurred gradient": _foreign(bounce, _by_measure("blurred_gradient")),
}
"""Searches that climb a focus measure."""

CONTENDERS: dict[str, Contender] = {**LEARNED, **CLASSICAL}
"""All of them."""


def end_of(name: str, look: Look, weights: Path | None) -> Verdict:
    """Let a search run to its end.

    Parameters
    ----------
    name : str
        One of `CONTENDERS`.
    look : Look
        Stage and camera, not used yet.
    weights : Path or None
        Of the estimator.

    Returns
    -------
    Verdict
        What it says; the stage is where it left it.
    """
    return CONTENDERS[name](look, weights)
