import pytest
import torch

from bluesky_autofocus.benchmark import QUICK, BenchmarkResult, Conditions
from bluesky_autofocus.benchmark.decisions import decisions
from bluesky_autofocus.benchmark.frames import frame_errors
from bluesky_autofocus.benchmark.guards import guards
from bluesky_autofocus.benchmark.latency import Latency, Timing
from bluesky_autofocus.benchmark.maps import map_errors
from bluesky_autofocus.benchmark.memory import PeakMemory
from bluesky_autofocus.benchmark.stacks import stack_ratios
from bluesky_autofocus.estimator.map_network import MapNet
from bluesky_autofocus.estimator.networks import SummaryNet, Widths
from bluesky_autofocus.estimator.pair_network import PairNet
from bluesky_autofocus.estimator.weights import Calibration, save_weights

SIDE = 128
PLANES_DOF = (-2.0, 0.0, 2.0)
TIMED = ("estimator summary", "estimator map", "numpy squared gradient")


@pytest.fixture(scope="session")
def untrained(tmp_path_factory) -> Conditions:
    """Conditions with small networks that have learned nothing: quick, and wrong."""
    torch.manual_seed(0)
    widths = Widths(code=8, hidden=16, blocks=1, channels=8, ring_channels=8, ring_values=2)
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    networks = SummaryNet(widths), MapNet(widths), PairNet(widths)
    save_weights(path, *networks, widths=widths, calibration=Calibration(), version="small")
    return Conditions(weights=path)


@pytest.fixture(scope="session")
def small(untrained) -> BenchmarkResult:
    """A result of few and small frames; only times and memory are made up."""
    return BenchmarkResult(
        version="small",
        weights_sha256="0" * 64,
        seed=0,
        sizes=QUICK,
        seconds=1.0,
        notes=("Nothing was learned.",),
        frames=frame_errors(untrained, scenes=2, draws=1, fit_scenes=3, side_px=SIDE),
        stacks=stack_ratios(untrained, stacks=2, planes_dof=PLANES_DOF, side_px=SIDE),
        decision=decisions(untrained, scenes=2, fit_scenes=1, side_px=64),
        maps=map_errors(untrained, scenes=1, side_px=SIDE),
        guards=guards(untrained, frames=20, sides_px=(64,)),
        latency=(Latency(2048, 3, 2, tuple(Timing(name, 1.0, 2.0, 1.0) for name in TIMED)),),
        memory=(PeakMemory(2048, 10.0, 20.0),),
    )
