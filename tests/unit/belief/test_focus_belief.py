from dataclasses import replace

import numpy as np
import pytest

from bluesky_autofocus.belief import (
    Doubt,
    FocusBelief,
    FrameSpectrum,
    Posterior,
    SpectrumLayout,
    confirmation,
    is_unchanging,
    next_position,
)
from bluesky_autofocus.belief.grid import focus_grid
from bluesky_autofocus.errors import SearchError


def believed(sample, focus: float, positions: list[float], **more) -> FocusBelief:
    frame = sample(focus, **more)
    belief = FocusBelief(-50.0, 50.0)
    for position in positions:
        belief = belief.ingest(position, frame(position))
    return belief


def two_peaks(a: float, b: float, std: float = 3.0) -> Posterior:
    x = np.arange(-60, 60, 0.1)
    mass = np.exp(-0.5 * ((x - a) / std) ** 2) + np.exp(-0.5 * ((x - b) / std) ** 2)
    return Posterior(x, mass / mass.sum(), np.full(x.size, 0.1))


@pytest.mark.parametrize("ends", [(-50.0, 50.0), (-110.0, 110.0), (3.0, 3.5), (0.0, 4000.0)])
def test_grid_covers_the_travel_and_more(ends: tuple[float, float]) -> None:
    grid = focus_grid(*ends)
    inside = (grid.position_dof > ends[0]) & (grid.position_dof < ends[1])
    assert grid.position_dof.size <= 2300
    assert np.all(np.diff(grid.position_dof) > 0)
    assert np.exp(grid.log_prior).sum() == pytest.approx(1)
    assert np.exp(grid.log_prior[inside]).sum() > 0.9
    assert grid.position_dof[0] < ends[0] - 15 and grid.position_dof[-1] > ends[1] + 15


def test_posterior_reads_off_masses_and_places() -> None:
    posterior = two_peaks(-20.0, 30.0, 0.2)
    assert posterior.within(-20.0) == pytest.approx(0.5, abs=0.02)
    assert posterior.between(-60, 5) == pytest.approx(0.5, abs=0.01)
    assert posterior.between(5, 4) == 0
    assert sorted(c.position_dof for c in posterior.candidates) == pytest.approx([-20, 30], abs=0.1)
    assert posterior.sigma_dof == pytest.approx(25, abs=0.5)
    assert posterior.local_sigma_dof == pytest.approx(0.2, abs=0.05)
    quantiles = posterior.quantiles(100)
    assert np.count_nonzero(quantiles < 5) == 50
    assert posterior.part(0, 60).median_dof == pytest.approx(30, abs=0.1)
    assert posterior.part(500, 600) is posterior


def test_two_sides_are_told_apart_by_going_to_one() -> None:
    chosen = next_position(two_peaks(-30.0, 30.0), -50, 50, [0.0])
    assert abs(abs(chosen.position_dof) - 30) < 8
    assert chosen.information_nats > 0.69


def test_the_middle_of_two_sides_tells_nothing_of_the_side() -> None:
    posterior = two_peaks(-30.0, 30.0, 0.3)
    x = np.array([0.0, 25.0])
    from bluesky_autofocus.belief.information import _information

    middle, aside = _information(x, posterior.quantiles(256))
    assert middle < 0.2 < 0.6 < aside


def test_next_position_stays_inside_and_is_new() -> None:
    posterior = two_peaks(80.0, 80.0)
    assert -50 <= next_position(posterior, -50, 50, [0.0]).position_dof <= 50
    known = two_peaks(10.0, 10.0, 0.8)
    first = next_position(known, -50, 50, [-40.0]).position_dof
    again = next_position(known, -50, 50, [-40.0, first]).position_dof
    assert abs(first - 10) < 2
    assert abs(again - first) > 0.25


def test_a_frame_leaves_both_sides_open_and_a_second_one_decides(sample) -> None:
    first = believed(sample, 12.0, [-20.0])
    assert first.posterior.between(-60, -20) == pytest.approx(
        first.posterior.between(-20, 20), abs=0.35
    )
    assert first.posterior.best_mass < 0.3
    second = believed(sample, 12.0, [-20.0, 8.0])
    assert second.posterior.within(12.0, 2.0) > 0.9
    assert second.posterior.sigma_dof < first.posterior.sigma_dof


def test_three_frames_know_focus_to_a_tenth(sample) -> None:
    belief = believed(sample, 12.0, [-20.0, 8.0, 12.1])
    assert belief.posterior.best_dof == pytest.approx(12.0, abs=0.15)
    assert belief.posterior.best_mass > 0.93
    assert confirmation(belief).doubt is Doubt.NONE
    assert belief.misfit(belief.posterior.best_dof) < 15 < belief.misfit(-20.0)


def test_ingest_leaves_the_old_belief_alone_and_repeats_itself(sample) -> None:
    frame = sample(5.0)
    seen = [(c, frame(c)) for c in (-30.0, 10.0, 5.5)]
    beliefs = []
    for _ in range(2):
        belief = FocusBelief(-50.0, 50.0)
        for position, observation in seen:
            before = belief.posterior.mass.copy()
            after = belief.ingest(position, observation)
            assert np.array_equal(belief.posterior.mass, before)
            belief = after
        beliefs.append(belief)
    assert np.array_equal(beliefs[0].posterior.mass, beliefs[1].posterior.mass)
    assert np.array_equal(beliefs[0].posterior.position_dof, beliefs[1].posterior.position_dof)


def test_the_order_of_frames_does_not_matter(sample) -> None:
    frame = sample(5.0)
    seen = [(c, frame(c)) for c in (-30.0, 10.0, 5.5)]
    means = []
    for order in (seen, seen[::-1]):
        belief = FocusBelief(-50.0, 50.0)
        for position, observation in order:
            belief = belief.ingest(position, observation)
        means.append(belief.posterior.best_dof)
    assert means[0] == pytest.approx(means[1], abs=1e-3)


@pytest.mark.parametrize("frames", [[], [10.0], [10.0, 5.0, 12.0]])
def test_cells_of_a_posterior_leave_no_gap(sample, frames: list[float]) -> None:
    belief = believed(sample, 12.0, frames)
    posterior, grid = belief.posterior, belief.grid
    borders = posterior.borders_dof
    assert np.diff(borders) == pytest.approx(posterior.width_dof, abs=1e-9)
    assert borders[0] == pytest.approx(grid.position_dof[0] - grid.width_dof[0] / 2)
    assert borders[-1] == pytest.approx(grid.position_dof[-1] + grid.width_dof[-1] / 2)
    assert posterior.width_dof.min() == pytest.approx(grid.width_dof.min() / (5 if frames else 1))


def test_frames_that_are_all_alike_confirm_nothing(sample) -> None:
    observation = sample(0.0)(0.0)
    belief = FocusBelief(-50.0, 50.0)
    for position in (0.0, 0.2):
        belief = belief.ingest(position, observation)
    assert is_unchanging(belief)
    assert confirmation(belief).doubt in (Doubt.UNCHANGED, Doubt.MASS)


def test_a_sharper_frame_elsewhere_forbids_focus(sample) -> None:
    belief = believed(sample, 12.0, [-20.0, 8.0, 12.0])
    assert confirmation(belief)
    first = belief.frames[0].observation.spectrum
    finest = first.layout.low_per_px > 0.45
    sharper = FrameSpectrum(first.layout, np.where(finest, 1e6 * first.power, first.power))
    observation = replace(belief.frames[0].observation, spectrum=sharper)
    spoiled = replace(belief.frames[0], observation=observation)
    mixed = FocusBelief(-50.0, 50.0, (spoiled, *belief.frames[1:]))
    mixed.__dict__["posterior"] = belief.posterior
    assert confirmation(mixed).doubt is Doubt.SHARPER


@pytest.mark.parametrize(("bands", "doubt"), [(20, Doubt.ESTIMATE), (None, Doubt.NONE)])
def test_an_estimate_that_excludes_focus_forbids_it_unless_nearly_all_bands_hold_power(
    sample, bands: int | None, doubt: Doubt
) -> None:
    frame = sample(12.0)
    belief = FocusBelief(-50.0, 50.0)
    for position in (-20.0, 8.0, 12.0, 12.0):
        seen = frame(position)
        power = seen.spectrum.power.copy()
        if bands is not None:
            power[bands:] = 2e-4
        spectrum = FrameSpectrum(seen.spectrum.layout, power)
        belief = belief.ingest(position, replace(seen, spectrum=spectrum))
    last = belief.frames[-1]
    blurred = replace(last.observation, probabilities=frame(-40.0).probabilities)
    vetoed = replace(belief, frames=(*belief.frames[:-1], replace(last, observation=blurred)))
    vetoed.__dict__["posterior"] = belief.posterior
    assert confirmation(vetoed).doubt is doubt


@pytest.mark.parametrize("broken", ["nan power", "negative power", "nan p", "no p", "position"])
def test_what_is_no_number_is_refused(sample, broken: str) -> None:
    observation, position = sample(0.0)(3.0), 3.0
    power, p = observation.spectrum.power.copy(), observation.probabilities.copy()
    if broken == "nan power":
        power[3] = np.nan
    elif broken == "negative power":
        power[3] = -1.0
    elif broken == "nan p":
        p[0] = np.nan
    elif broken == "no p":
        p[:] = 0
    else:
        position = float("nan")
    spectrum = FrameSpectrum(observation.spectrum.layout, power)
    with pytest.raises(SearchError, match="Leave it out"):
        FocusBelief(-50.0, 50.0).ingest(
            position, replace(observation, spectrum=spectrum, probabilities=p)
        )


def test_a_frame_of_another_shape_is_refused(sample) -> None:
    observation = sample(0.0)(3.0)
    belief = FocusBelief(-50.0, 50.0).ingest(3.0, observation)
    layout = SpectrumLayout(400, 512)
    other = FrameSpectrum(layout, np.ones(layout.modes.size))
    with pytest.raises(SearchError, match="region and binning"):
        belief.ingest(4.0, replace(observation, spectrum=other))
