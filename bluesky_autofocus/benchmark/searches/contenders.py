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
from ...search import BELIEF, Move, Search, Window, make_search
from ...verdict import Outcome, Verdict
from ..estimators import estimator_of
from .bounce import bounce
from .fitted_golden_section import fitted_golden_section
from .look import Look
from .oughta_focus import oughta_focus
from .single import SingleFrameSearch
from .value import Value

__all__ = ["CLASSICAL", "CONTENDERS", "LEARNED", "end_of"]

MEASURED = (
    ("blurred_gradient", "blurred gradient"),
    ("normalised_variance", "normalised variance"),
)

Frame = NDArray[np.unsignedinteger]
Measure = Callable[[Frame], Measurement]
Contender = Callable[[Look, Path | None], Outcome]
Foreign = Callable[[Value, float, float, float], tuple[float, bool]]


def _driven(look: Look, search: Search | SingleFrameSearch, measured: Measure) -> Outcome:
    """Move and measure until a search has an outcome."""
    while isinstance(step := search.suggest(), Move):
        frame = look(step.position_dof)
        search = search.ingest(step.position_dof, measured(frame))
    return step


def _window(look: Look) -> Window:
    return Window(-look.task.half_dof, look.task.half_dof)


def _observer(look: Look, weights: Path | None) -> Callable[[Frame], Observation]:
    estimator = estimator_of(look.scene, weights)
    return lambda frame: observe(frame, estimator)


def _believing(look: Look) -> Search:
    window, start = _window(look), look.task.start_dof
    return make_search(BELIEF, window=window, start_dof=start)


def _belief(look: Look, weights: Path | None) -> Outcome:
    return _driven(look, _believing(look), _observer(look, weights))


def _single(look: Look, weights: Path | None) -> Outcome:
    search = SingleFrameSearch(_window(look), look.task.start_dof)
    return _driven(look, search, _observer(look, weights))


def _ratio(look: Look, weights: Path | None) -> Outcome:
    observer, unknown = _observer(look, weights), np.full(BINS, 1 / BINS)

    def spectrum_alone(frame: Frame) -> Observation:
        return replace(observer(frame), probabilities=unknown, in_focus=False)

    return _driven(look, _believing(look), spectrum_alone)


def _classical(search: str, measure_name: str) -> Contender:
    def run(look: Look, weights: Path | None) -> Outcome:
        function = measure(measure_name)

        def measured(frame: Frame) -> Measurement:
            return measure_frame(frame, measure=function, full_scale=look.frame_scale)

        made = make_search(search, window=_window(look), start_dof=look.task.start_dof)
        return _driven(look, made, measured)

    return run


def _foreign(
    method: Foreign, value_of: Callable[[Look, Path | None], Callable[[Frame], float]]
) -> Contender:
    """Run a search of another tool, and go where it ends."""

    def run(look: Look, weights: Path | None) -> Outcome:
        value, half = value_of(look, weights), look.task.half_dof
        end, confident = method(lambda x: value(look(x)), -half, half, look.task.start_dof)
        look.end_at(end)
        return Outcome(Verdict.IN_FOCUS if confident else Verdict.NOT_CONVERGED, position_dof=end)

    return run


def _always(method: Callable[[Value, float, float, float], float]) -> Foreign:
    """Take every end of a search for success: it has no other."""
    return lambda value, low, high, start: (method(value, low, high, start), True)


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
    "golden section and fit, estimator": _foreign(_always(fitted_golden_section), _by_distance),
}
"""Searches that use the estimator, or the belief's comparison of spectra."""

CLASSICAL: dict[str, Contender] = {
    **{
        f"{search}, {said}": _classical(search, name)
        for name, said in MEASURED
        for search in ("sweep", "golden", "brent", "hill_climb")
    },
    **{
        f"{tool}, {said}": _foreign(method, _by_measure(name))
        for tool, method in (("OughtaFocus", _always(oughta_focus)), ("bounce", bounce))
        for name, said in MEASURED
    },
}
"""Searches that climb a focus measure."""

CONTENDERS: dict[str, Contender] = {**LEARNED, **CLASSICAL}
"""All of them."""


def end_of(name: str, look: Look, weights: Path | None) -> Outcome:
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
    Outcome
        What it says; the stage is where it left it.
    """
    return CONTENDERS[name](look, weights)
