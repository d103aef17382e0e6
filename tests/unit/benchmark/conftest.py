import pytest
import torch

from bluesky_autofocus.benchmark import Conditions
from bluesky_autofocus.estimator.networks import MapNet, SummaryNet, Widths
from bluesky_autofocus.estimator.pair_network import PairNet
from bluesky_autofocus.estimator.weights import Calibration, save_weights


@pytest.fixture(scope="session")
def untrained(tmp_path_factory) -> Conditions:
    """Conditions with small networks that have learned nothing: quick, and wrong."""
    torch.manual_seed(0)
    widths = Widths(code=8, hidden=16, blocks=1, channels=8, ring_channels=8, ring_values=2)
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    networks = SummaryNet(widths), MapNet(widths), PairNet(widths)
    save_weights(path, *networks, widths=widths, calibration=Calibration(), version="small")
    return Conditions(weights=path)
