from math import inf, isnan

import numpy as np
import pytest

from bluesky_autofocus.benchmark.focus_decision import best_threshold, error_rate, focus_decision


@pytest.mark.parametrize(
    ("errors", "trials", "upper"),
    # Zero of n: 1 - 0.05^(1/n). 3 of 20: Clopper and Pearson's table, one-sided 95 %.
    [(0, 10, 1 - 0.05**0.1), (0, 10_000, 2.995e-4), (3, 20, 0.3437), (10, 10, 1.0)],
)
def test_upper_bound(errors, trials, upper):
    rate = error_rate([True] * errors + [False] * (trials - errors))
    assert (rate.errors, rate.trials) == (errors, trials)
    assert rate.rate == errors / trials
    assert rate.upper == pytest.approx(upper, rel=1e-3)


def test_no_trials_tell_nothing():
    rate = error_rate([])
    assert rate.trials == 0
    assert isnan(rate.rate)


def test_between_half_and_one_depth_of_field_either_answer_is_right():
    said = focus_decision([0.5, -0.3, 0.7, -0.9, 1.01, -4], [True, False, True, False, True, False])
    assert (said.false_accept.errors, said.false_accept.trials) == (1, 2)
    assert (said.false_reject.errors, said.false_reject.trials) == (1, 2)


def test_best_threshold_separates_what_can_be_separated():
    u = [0.1, -0.2, 0.8, 2.0, -3.0]
    value = np.array([5.0, 6.0, 100.0, 4.0, 1.0])
    threshold = best_threshold(u, value)
    assert 4.0 < threshold <= 5.0


def test_best_threshold_makes_the_fewest_errors():
    rng = np.random.default_rng(0)
    u = np.repeat([0.0, 2.0], 500)
    value = rng.normal(np.where(u == 0, 1.0, 0.0), 0.7)

    def errors(threshold: float) -> float:
        return float(np.mean(value[u == 0] < threshold) + np.mean(value[u > 0] >= threshold))

    best = best_threshold(u, value)
    assert all(errors(best) <= errors(t) for t in [*value, -inf, inf])
