"""What holds for the search by belief whatever it sees, and how it ends in named cases."""

from collections.abc import Callable
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bluesky_autofocus.belief import (
    Doubt,
    FrameSpectrum,
    Observation,
    Posterior,
    SpectrumLayout,
    confirmation,
)
from bluesky_autofocus.errors import SearchError, WindowError
from bluesky_autofocus.estimator.distribution import BINS, GRID_Y
from bluesky_autofocus.measurement import Condition, Measurement
from bluesky_autofocus.optics.axis import to_y
from bluesky_autofocus.search import Move, Search, Window
from bluesky_autofocus.search.belief import BeliefSearch
from bluesky_autofocus.search.nothing_seen import sees_nothing
from bluesky_autofocus.search.outside import outside
from bluesky_autofocus.verdict import Outcome, Side, Verdict

WINDOW = Window(-50.0, 50.0)
LAYOUT = SpectrumLayout(512, 512)
QUICK = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

Scene = Callable[[float], Observation]


def run(
    scene: Scene, start: float, *, window: Window = WINDOW, stage_noise: float = 0.03, seed: int = 0
) -> tuple[Outcome, list[float], BeliefSearch]:
    noise = np.random.default_rng(seed)
    search = BeliefSearch(window=window, start_dof=start)
    positions: list[float] = []
    while isinstance(step := search.suggest(), Move):
        assert step.position_dof in window
        assert step.reason
        positions.append(window.clip(step.position_dof + stage_noise * noise.normal()))
        assert len(positions) <= search.max_frames
        search = search.ingest(positions[-1], scene(positions[-1]))
    return step, positions, search


def spectrum_of(rng: np.random.Generator) -> FrameSpectrum:
    return FrameSpectrum(LAYOUT, np.exp(rng.normal(-6, 3, LAYOUT.modes.size)))


def empty(rng: np.random.Generator) -> Observation:
    power = 3e-4 * rng.gamma(LAYOUT.modes) / LAYOUT.modes
    power[:2] += 0.01
    return Observation(sharpness=0.3, spectrum=FrameSpectrum(LAYOUT, power), sampling_q=1.0)


def test_it_is_a_search() -> None:
    assert isinstance(BeliefSearch(window=WINDOW, start_dof=0.0), Search)


@QUICK
@given(focus=st.floats(-45, 45), start=st.floats(-50, 50), seed=st.integers(0, 1000))
def test_it_comes_into_focus(sample, focus: float, start: float, seed: int) -> None:
    outcome, positions, _ = run(sample(focus, seed=seed), start)
    assert outcome.verdict is Verdict.IN_FOCUS
    assert abs(positions[-1] - focus) <= 0.5
    assert outcome.position_dof == pytest.approx(focus, abs=0.5)
    assert outcome.expected_error_dof is not None
    assert len(positions) <= 7


def test_it_needs_few_frames(sample) -> None:
    rng = np.random.default_rng(5)
    frames, errors = [], []
    for seed in range(40):
        focus, start = rng.uniform(-45, 45), rng.uniform(-50, 50)
        outcome, positions, _ = run(sample(focus, seed=seed), start, seed=seed)
        assert outcome.verdict is Verdict.IN_FOCUS
        frames.append(len(positions))
        errors.append(abs(positions[-1] - focus))
    assert np.median(frames) <= 4
    assert np.quantile(frames, 0.95) <= 5
    assert np.median(errors) <= 0.1


@pytest.mark.parametrize("start", [7.0, 7.05, 7.3])
def test_a_start_in_focus_costs_three_frames_and_a_short_move(sample, start: float) -> None:
    outcome, positions, _ = run(sample(7.0), start)
    assert outcome.verdict is Verdict.IN_FOCUS
    assert len(positions) <= 3
    assert max(abs(p - start) for p in positions) <= 1.2
    assert abs(positions[-1] - 7.0) <= max(abs(start - 7.0), 0.15)


@pytest.mark.parametrize(("focus", "side"), [(62.0, Side.HIGH), (-75.0, Side.LOW)])
def test_focus_beyond_the_window_is_said_with_side_and_place(
    sample, focus: float, side: Side
) -> None:
    outcome, positions, _ = run(sample(focus), -20.0)
    assert outcome.verdict is Verdict.OUT_OF_RANGE
    assert outcome.side is side
    assert outcome.position_dof == pytest.approx(focus, rel=0.1)
    assert len(positions) <= 7
    assert "beyond the end" in outcome.message


def test_focus_just_beyond_the_end_is_reached(sample) -> None:
    outcome, positions, _ = run(sample(50.2), 10.0)
    assert outcome.verdict is Verdict.IN_FOCUS
    assert abs(positions[-1] - 50.2) <= 0.5


@pytest.mark.parametrize("seed", range(4))
def test_an_empty_field_has_no_texture(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outcome, positions, _ = run(lambda _: empty(rng), 13.0)
    assert outcome.verdict is Verdict.NO_TEXTURE
    assert max(positions) > 40 and min(positions) < -40


@pytest.mark.parametrize("flicker", [0.0, 0.2])
def test_frames_that_show_nothing_do_not_lead_beyond_the_window(flicker: float) -> None:
    rng = np.random.default_rng(1)
    far = np.exp(-0.5 * ((np.arange(BINS) - 55) / 1.0) ** 2)

    def scene(_: float) -> Observation:
        seen = empty(rng)
        # Noise counts for more where there is less light.
        spectrum = FrameSpectrum(LAYOUT, seen.spectrum.power * np.exp(flicker * rng.normal()))
        return replace(seen, spectrum=spectrum, probabilities=far / far.sum())

    outcome, _, search = run(scene, 13.0)
    assert sum(outside(search.belief, WINDOW).values()) > 0.5
    assert outcome.verdict is Verdict.NO_TEXTURE


def test_frames_of_different_things_are_not_out_of_range(sample) -> None:
    rng = np.random.default_rng(3)
    for seed in range(8):
        bad, far = np.random.default_rng(seed), sample(90.0, seed=seed)

        def scene(c: float, bad: np.random.Generator = bad, far: Scene = far) -> Observation:
            mixed = FrameSpectrum(LAYOUT, np.exp(bad.normal(-6, 3, LAYOUT.modes.size)))
            return replace(far(c), spectrum=mixed)

        outcome, _, _ = run(scene, float(rng.uniform(-50, 50)))
        assert outcome.verdict is not Verdict.OUT_OF_RANGE


def test_a_pattern_on_the_sensor_is_no_texture(sample) -> None:
    still = sample(0.0)(2.0)
    outcome, _, _ = run(lambda _: still, 13.0)
    assert outcome.verdict is not Verdict.IN_FOCUS


@pytest.mark.parametrize(
    ("condition", "clipped", "verdict"),
    [
        (Condition.SATURATED, 0.9, Verdict.SATURATED),
        (Condition.TOO_DARK, 0.0, Verdict.TOO_DARK),
    ],
)
def test_bad_light_everywhere_is_named(
    sample, condition: Condition, clipped: float, verdict: Verdict
) -> None:
    frame = sample(3.0)
    outcome, positions, _ = run(
        lambda c: replace(frame(c), condition=condition, saturated_fraction=clipped), 20.0
    )
    assert outcome.verdict is verdict
    assert len(positions) == 5


@pytest.mark.parametrize("condition", [Condition.SATURATED, Condition.TOO_DARK])
@pytest.mark.parametrize("usable", [1, 2])
def test_light_that_fails_on_the_way_is_named(sample, usable: int, condition: Condition) -> None:
    frame, count = sample(3.0), iter(range(99))
    clipped = 0.9 if condition is Condition.SATURATED else 0.0

    def scene(c: float) -> Observation:
        if next(count) < usable:
            return frame(c)
        return replace(frame(c), condition=condition, saturated_fraction=clipped)

    outcome, positions, _ = run(scene, 30.0)
    assert outcome.verdict == condition.value
    assert len(positions) <= usable + 5


def test_a_focus_that_is_too_bright_to_be_seen_is_named(sample) -> None:
    frame = sample(3.0)

    def scene(c: float) -> Observation:
        if abs(c - 3.0) > 1.0:
            return frame(c)
        return replace(frame(c), condition=Condition.SATURATED, saturated_fraction=0.8)

    outcome, _, _ = run(scene, 20.0)
    assert outcome.verdict is Verdict.SATURATED
    assert outcome.position_dof == pytest.approx(3.0, abs=0.5)


def test_some_clipped_pixels_do_no_harm(sample) -> None:
    frame = sample(3.0)

    def scene(c: float) -> Observation:
        near = abs(c - 3.0) < 10
        return replace(
            frame(c),
            condition=Condition.SATURATED if near else Condition.GOOD,
            saturated_fraction=0.1 if near else 0.0,
        )

    outcome, positions, _ = run(scene, 30.0)
    assert outcome.verdict is Verdict.IN_FOCUS
    assert abs(positions[-1] - 3.0) <= 0.5
    assert "saturated: shorten the exposure" in outcome.detail


def test_it_goes_on_after_a_dark_frame(sample) -> None:
    frame, count = sample(3.0), iter(range(99))

    def scene(c: float) -> Observation:
        dark = next(count) in (0, 2)
        return replace(frame(c), condition=Condition.TOO_DARK if dark else Condition.GOOD)

    outcome, positions, _ = run(scene, 30.0)
    assert outcome.verdict is Verdict.IN_FOCUS
    assert abs(positions[-1] - 3.0) <= 0.5


@QUICK
@given(
    low=st.floats(-300, 300), width=st.floats(0.5, 400), where=st.floats(0, 1), seed=st.integers(0)
)
def test_garbage_ends_inside_the_window_and_never_in_focus(
    low: float, width: float, where: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    window = Window(low, low + width)

    def scene(_: float) -> Observation:
        p = rng.dirichlet(np.full(BINS, 0.1))
        return Observation(
            sharpness=float(rng.uniform()),
            spectrum=spectrum_of(rng) if rng.random() < 0.9 else empty(rng).spectrum,
            sampling_q=1.0,
            probabilities=p,
            in_focus=bool(rng.random() < 0.5),
            condition=list(Condition)[int(rng.choice(3, p=[0.8, 0.1, 0.1]))],
            saturated_fraction=float(rng.choice([0.0, 0.1, 0.7])),
        )

    outcome, _, _ = run(scene, window.clip(low + where * width), window=window)
    assert outcome.verdict is not Verdict.IN_FOCUS


@pytest.mark.parametrize("value", [nan, inf, -1.0])
def test_frames_without_numbers_end_without_focus(sample, value: float) -> None:
    frame = sample(3.0)

    def scene(c: float) -> Observation:
        power = np.full(LAYOUT.modes.size, value)
        return replace(frame(c), spectrum=FrameSpectrum(LAYOUT, power))

    outcome, _, _ = run(scene, 0.0)
    assert outcome.verdict is Verdict.NOT_CONVERGED


def test_a_stage_that_does_not_move_ends_without_focus(sample) -> None:
    frame = sample(3.0)
    search = BeliefSearch(window=WINDOW, start_dof=-30.0)
    while isinstance(step := search.suggest(), Move):
        assert len(search.history) < search.max_frames
        search = search.ingest(-30.0, frame(-30.0))
    assert step.verdict is not Verdict.IN_FOCUS


def test_replayed_it_is_the_same_to_the_last_bit(sample) -> None:
    _, positions, search = run(sample(-17.0), 30.0)
    again = BeliefSearch(window=WINDOW, start_dof=30.0)
    for seen in search.history:
        step = again.suggest()
        assert isinstance(step, Move)
        again = again.ingest(seen.position_dof, seen.measurement)
    assert again.suggest() == search.suggest()
    assert np.array_equal(again.belief.posterior.mass, search.belief.posterior.mass)


def test_ingest_leaves_the_old_search_alone(sample) -> None:
    first = BeliefSearch(window=WINDOW, start_dof=30.0)
    second = first.ingest(30.0, sample(0.0)(30.0))
    assert first.suggest() == Move(30.0, "start")
    assert not first.history and len(second.history) == 1
    assert second.suggest() == second.suggest()


def test_each_move_says_why(sample) -> None:
    search = BeliefSearch(window=WINDOW, start_dof=30.0)
    frame = sample(0.0)
    reasons = []
    while isinstance(step := search.suggest(), Move):
        reasons.append(step.reason)
        search = search.ingest(step.position_dof, frame(step.position_dof))
    assert reasons[0] == "start"
    assert "tells most" in reasons[1]
    assert "probability of" in step.detail


def test_a_plain_measurement_is_refused() -> None:
    with pytest.raises(SearchError, match="Observation"):
        BeliefSearch(window=WINDOW, start_dof=0.0).ingest(0.0, Measurement(1.0))


def test_a_start_outside_the_window_is_refused() -> None:
    with pytest.raises(WindowError, match="outside the window"):
        BeliefSearch(window=WINDOW, start_dof=51.0)


def test_frames_that_look_alike_show_nothing_whatever_each_says() -> None:
    rng = np.random.default_rng(2)

    # Uneven light, which blur leaves as it is, and an estimator that sees focus near 8 in it.
    def misleading(position: float) -> Observation:
        shown = empty(rng)
        power = shown.spectrum.power.copy()
        power[2:7] += 0.01
        p = np.exp(-0.5 * ((GRID_Y - to_y(abs(position - 8.0))) / 0.1) ** 2) + 1e-9
        spectrum = FrameSpectrum(LAYOUT, power)
        return replace(shown, spectrum=spectrum, probabilities=p / p.sum())

    assert misleading(0.0).spectrum.has_signal
    belief = BeliefSearch(window=WINDOW, start_dof=10.0).belief
    told = []
    for position in (10.0, 11.0, 9.0):
        belief = belief.ingest(position, misleading(position))
        assert sum(outside(belief, WINDOW).values()) < 0.5
        told.append(sees_nothing(belief, WINDOW))
    assert told == [False, False, True]
    outcome, positions, _ = run(misleading, 10.0)
    assert outcome.verdict is not Verdict.IN_FOCUS
    assert np.ptp(positions[:6]) > 20


@pytest.mark.parametrize(
    ("mass", "others", "sure"),
    [
        (0.99, (-20.0, 0.0), True),
        (0.95, (-20.0, 0.0), False),
        (0.95, (11.5, 12.5, 12.9), True),
        (0.9, (11.5, 12.5, 12.9), False),
    ],
)
def test_it_is_to_be_quite_sure_or_to_have_looked_often(
    sample, mass: float, others: tuple[float, ...], sure: bool
) -> None:
    scene, belief = sample(12.0), BeliefSearch(window=WINDOW, start_dof=0.0).belief
    for position in (*others, 12.0):
        belief = belief.ingest(position, scene(position))
    known = Posterior(np.array([12.0, 14.0]), np.array([mass, 1 - mass]), np.array([2.0, 2.0]))
    # In place of what the frames say, which comes as near to the limits only by chance.
    vars(belief)["posterior"] = known
    assert (confirmation(belief).doubt is not Doubt.MASS) is sure
