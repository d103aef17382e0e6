import pytest
import torch

from bluesky_autofocus.estimator.distribution import BINS, GRID_U_DOF, soft_histogram
from bluesky_autofocus.estimator.features import LEVEL_SIZE, SUMMARY_SIZE
from bluesky_autofocus.estimator.map_network import MapNet
from bluesky_autofocus.estimator.networks import SummaryNet
from bluesky_autofocus.estimator.pair_network import (
    SIGNED_BINS,
    SIGNED_U_DOF,
    PairNet,
    laid_over,
    signed_histogram,
)
from bluesky_autofocus.estimator.pyramid import LEVELS, STRIDES_PX
from bluesky_autofocus.estimator.spectra import BANDS, TILE


def cells(shape, n=2):
    torch.manual_seed(1)
    out = []
    for k in range(LEVELS):
        fits = min(shape) >> k >= TILE
        rows, cols = (max(1, x // STRIDES_PX[k]) if fits else 0 for x in shape)
        out.append(torch.randn(n, BANDS, rows, cols))
    return tuple(out)


Q, SATURATED, WHOLE = torch.zeros(2, 1), torch.zeros(2, 1), torch.randn(2, SUMMARY_SIZE)


def test_the_summary_answers_with_the_grid_and_nothing(small_widths):
    net = SummaryNet(small_widths).eval()
    assert net(WHOLE, Q, SATURATED).shape == (2, BINS + 1)


def test_frames_of_a_batch_do_not_touch_one_another(small_widths):
    net = SummaryNet(small_widths).eval()
    both = net(WHOLE, Q, SATURATED)
    assert torch.allclose(both[:1], net(WHOLE[:1], Q[:1], SATURATED[:1]), atol=1e-5)


@pytest.mark.parametrize("shape", [(64, 64), (128, 64), (512, 640), (1100, 1300)])
def test_the_map_has_a_cell_for_every_64_pixels(small_widths, shape):
    net = MapNet(small_widths).eval()
    out = net(cells(shape), WHOLE, shape, Q, SATURATED)
    assert out.shape == (2, BINS + 1, max(1, shape[0] // 64), max(1, shape[1] // 64))


def test_every_weight_is_used(small_widths):
    shape = (1100, 1300)
    maps, pairs = MapNet(small_widths), PairNet(small_widths)
    summary = SummaryNet(small_widths)
    a, b = cells(shape), cells(shape)
    codes = maps.codes(a, WHOLE, shape, Q, SATURATED)
    logs = torch.log_softmax(maps.leave(codes), 1)[:, :-1]
    small, step = (512, 512), torch.ones(2, 1)
    total = pairs(a, b, logs, logs, codes, codes, shape, Q, step).square().sum()
    total += maps(cells(small), WHOLE, small, Q, SATURATED).square().sum()
    some = WHOLE.clone()
    last = torch.arange(1, LEVELS + 1) * LEVEL_SIZE - 1
    some[0, last], some[1, last] = 1, 0
    total += summary(some, Q, SATURATED).square().sum()
    total.backward()
    # The last layer of the pairs begins at zero and shuts off what lies before it.
    without = {
        f"{name}.{key}"
        for name, net in (("maps", maps), ("summary", summary))
        for key, value in net.named_parameters()
        if value.grad is None
    }
    assert without == set()
    assert pairs.trust.grad is not None
    assert all(p.grad is not None for p in pairs.leave.parameters())


def test_a_signed_distance_keeps_its_place():
    p = signed_histogram(torch.tensor([[-7.0], [0.0], [40.0]]))
    assert p.shape == (3, SIGNED_BINS)
    best = SIGNED_U_DOF[p.argmax(1).numpy()]
    assert best == pytest.approx([-7, 0, 40], rel=0.06)


@pytest.mark.parametrize("u, step", [(-20.0, 8.0), (20.0, 8.0), (3.0, -2.0), (-0.2, 1.0)])
def test_two_distances_and_the_step_between_them_give_the_sign(u, step):
    def log_of(distance):
        p = soft_histogram(torch.tensor([[distance]])) + 1e-4
        return p.log()[:, :, None, None]

    together = laid_over(log_of(u), log_of(u + step), torch.tensor([[step]]))
    best = float(SIGNED_U_DOF[int(together[0, :, 0, 0].argmax())])
    assert best == pytest.approx(u, rel=0.1, abs=0.1)


def test_before_training_a_pair_is_the_two_single_frames(small_widths):
    shape = (128, 128)
    maps, pairs = MapNet(small_widths).eval(), PairNet(small_widths).eval()
    a = cells(shape)
    codes = maps.codes(a, WHOLE, shape, Q, SATURATED)
    logs = torch.log_softmax(maps.leave(codes), 1)[:, :-1]
    step = torch.full((2, 1), 3.0)
    out = pairs(a, a, logs, logs, codes, codes, shape, Q, step)
    alone = laid_over(logs, logs, step)
    shift = (out - pairs.trust * alone).detach()
    assert torch.allclose(shift, shift[:, :1].expand_as(shift), atol=1e-4)
    assert GRID_U_DOF.size == BINS
