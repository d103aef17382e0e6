import pytest
import torch

from bluesky_autofocus.estimator import cell_rings
from bluesky_autofocus.estimator.cell_rings import CellRings
from bluesky_autofocus.estimator.pyramid import LEVELS
from bluesky_autofocus.estimator.spectra import BANDS

CODE = 6


@pytest.fixture
def net():
    torch.manual_seed(0)
    return CellRings(spectra=2, channels=8, code=CODE)


@pytest.fixture
def levels():
    torch.manual_seed(1)
    return [torch.randn(2, 3, 4, 2 * BANDS) for _ in range(LEVELS)]


def test_cells_taken_some_at_a_time_give_the_same(net, levels, monkeypatch):
    log_q = torch.tensor([[0.0], [0.4]])
    learned = net(levels, log_q)
    assert learned.shape == (2, 3, 4, CODE)
    monkeypatch.setattr(cell_rings, "CHUNK", 5)
    with torch.inference_mode():
        assert torch.allclose(net(levels, log_q), learned, atol=1e-5)


def test_a_cell_does_not_see_the_others(net, levels):
    log_q = torch.zeros(2, 1)
    before = net(levels, log_q)
    levels[1][0, 2, 3] *= 2
    changed = (net(levels, log_q) - before).abs().amax(-1) > 1e-6
    assert changed.nonzero().tolist() == [[0, 2, 3]]


def test_a_level_that_is_not_there_is_not_one_of_nothing(net, levels):
    log_q = torch.zeros(2, 1)
    missing = net([*levels[:-1], None], log_q)
    flat = net([*levels[:-1], torch.zeros_like(levels[-1])], log_q)
    assert not torch.allclose(missing, flat)


def test_contrast_and_light_change_nothing(net, levels):
    """They add to log power what is the same at all frequencies of a level."""
    log_q = torch.zeros(2, 1)
    brighter = [level + 1.7 for level in levels]
    assert torch.allclose(net(brighter, log_q), net(levels, log_q), atol=1e-5)
