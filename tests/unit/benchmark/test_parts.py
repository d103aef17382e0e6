"""Every part on a few small frames, with networks that have learned nothing."""

from dataclasses import replace

import numpy as np
import pytest

from bluesky_autofocus.benchmark.classical import GAIN_POWER
from bluesky_autofocus.benchmark.decisions import draw_near_or_far
from bluesky_autofocus.benchmark.map_frames import map_frames
from bluesky_autofocus.benchmark.maps import map_errors
from bluesky_autofocus.benchmark.reliefs import KINDS
from bluesky_autofocus.benchmark.scenes import LIGHTS, draw_scenes

SIDE = 128


def test_frames_fill_every_bin(small):
    frames = small.frames
    assert frames.frames == 2 * 3 * 8
    for errors in (frames.estimator, frames.weak, *frames.measures.values()):
        assert [b.frames for b in errors.bins] == [6] * 8
        assert errors.without_number == 0
    assert set(frames.measures) == set(GAIN_POWER)
    assert [c.level for c in frames.calibration] == [0.5, 0.9, 0.99]
    covered = [c.overall for c in frames.calibration]
    assert covered == sorted(covered)


def test_fitted_measures_do_better_than_a_network_that_has_learned_nothing(small):
    best = min(errors.rmse_s_50 for errors in small.frames.measures.values())
    assert best < small.frames.estimator.rmse_s_50


def test_the_same_seed_measures_the_same(untrained, small):
    again = map_errors(untrained, scenes=1, side_px=SIDE)
    other = map_errors(replace(untrained, seed=1), scenes=1, side_px=SIDE)
    # Not compared as they are: a rate without trials is NaN, which equals nothing.
    assert repr(small.maps) == repr(again) != repr(other)


def test_stacks_show_what_light_does_to_a_measure(small):
    ratios = small.stacks
    assert (ratios.stacks, ratios.planes) == (2, 3)
    raw, freed = (
        part["squared_gradient"] for part in (ratios.raw_measures, ratios.normalised_measures)
    )
    # Ten times the light, a hundred times the squared gradient, less what noise and offset do.
    assert raw.same_scene_worst > 20
    assert freed.same_scene_worst < 5
    assert ratios.clipped.all_stacks >= 1


def test_decisions_are_counted_on_both_sides(small):
    said = small.decision
    assert (said.frames, said.measured_frames) == (48, 24)
    trials = said.estimator.false_accept.trials, said.estimator.false_reject.trials
    assert sum(trials) == 48
    assert min(trials) > 10
    assert set(said.by_light) == set(LIGHTS)
    assert said.measures["blurred_gradient"].false_accept.rate < 0.6


def test_defocus_for_decisions_is_near_or_far():
    rng = np.random.default_rng(0)
    drawn = np.abs([draw_near_or_far(rng) for _ in range(2000)])
    assert not ((drawn > 0.5) & (drawn <= 1.0)).any()
    assert drawn.max() <= 100
    assert np.mean(drawn <= 0.5) == pytest.approx(0.5, abs=0.05)
    assert np.mean(drawn > 10) == pytest.approx(0.25, abs=0.05)


def test_map_frames_know_their_truth(untrained):
    (spec,) = draw_scenes(0, "maps", 1, side_px=SIDE)
    frames = map_frames(spec, untrained.weights)
    assert [(f.kind, f.light) for f in frames] == [(k, light) for k in KINDS for light in LIGHTS]
    for frame in frames:
        assert frame.u_dof.shape == frame.sharpness.shape == frame.pair_claimed.shape == (4,)
        assert np.abs(frame.u_dof).max() <= 55
        if frame.kind == "flat":
            assert frame.one_sided.all()
            assert np.ptp(frame.true_sharpness) == 0


def test_maps_are_pooled_over_kinds_and_lights(small):
    errors = small.maps
    assert errors.frames == 9
    assert errors.one_frame.cells == 9 * 4
    for parts in (errors.one_frame_by_kind, errors.two_frames_by_light):
        assert sum(part.cells for part in parts.values()) == 9 * 4
    mean_square = np.mean([p.rmse_s_all**2 for p in errors.one_frame_by_kind.values()])
    assert errors.one_frame.rmse_s_all == pytest.approx(np.sqrt(mean_square))


def test_guards_show_three_good_frames_for_each_bad_kind(small):
    said = small.guards
    assert (said.blank.frames, said.dark.frames, said.saturated.frames) == (20, 20, 20)
    assert said.good.frames == 60
    # Dark and saturated frames are told by their levels: that needs no network.
    assert said.dark.validity["too_dark"] > 15
    assert said.saturated.validity == {"saturated": 20}
