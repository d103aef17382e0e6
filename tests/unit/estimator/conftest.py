from pathlib import Path

import pytest
import torch

from bluesky_autofocus.estimator.map_network import MapNet
from bluesky_autofocus.estimator.networks import SummaryNet, Widths
from bluesky_autofocus.estimator.pair_network import PairNet
from bluesky_autofocus.estimator.weights import Calibration, save_weights

SMALL = Widths(code=8, hidden=16, blocks=1, channels=8, ring_channels=8, ring_values=2)


@pytest.fixture(scope="session")
def small_widths() -> Widths:
    return SMALL


@pytest.fixture(scope="session")
def small_weights(tmp_path_factory) -> Path:
    """Weights of small networks that have learned nothing."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_weights(
        path,
        SummaryNet(SMALL),
        MapNet(SMALL),
        PairNet(SMALL),
        widths=SMALL,
        calibration=Calibration(map_temperature=1.5),
        version="small",
    )
    return path
