"""`bluesky-autofocus train` as its users run it: interrupted, gone on with, in two processes."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from bluesky_autofocus.estimator import load_weights

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

TINY = (
    "train", "--scenes", "4", "--calibration-scenes", "10", "--epochs-scale", "0.05",
    "--no-end-to-end", "--seed", "5", "--json",
)  # fmt: skip
LONGEST_S = 300.0


@pytest.fixture(scope="module")
def interrupted(start_command, tmp_path_factory):
    """A training interrupted while it makes scenes in two processes, and its folder."""
    folder = tmp_path_factory.mktemp("training") / "out"
    running = start_command(*TINY, "--workers", "2", "--out", str(folder))
    running.wait_for("varied scenes: 0 of 1", timeout_s=LONGEST_S)
    running.interrupt()
    return running.ended(), folder


@pytest.fixture(scope="module")
def trained(interrupted, run_command):
    """The same command again."""
    _, folder = interrupted
    return run_command(*TINY, "--out", str(folder)), folder


def test_an_interrupted_training_says_how_to_go_on(interrupted):
    ended, folder = interrupted
    assert ended.status == 130, ended.err
    assert ended.json == {"error": "Interrupted. The same command goes on where this one ended."}
    assert not (folder / "estimator.safetensors").exists()
    assert [path.name for path in sorted(folder.rglob("*.npz"))] == ["scenes-000000-000003.npz"]


def test_nothing_is_left_running(interrupted, left_over):
    ended, _ = interrupted
    assert left_over(ended) == []


def test_the_same_command_goes_on(interrupted, trained):
    ended, folder = trained
    assert ended.status == 0, ended.err
    assert "training scenes: 1 of 1" in ended.err
    assert "training scenes: 0 of 1" not in ended.err
    assert ended.json["weights"] == str(folder / "estimator.safetensors")
    assert ended.json["options"]["scenes"] == 4
    weights = load_weights(folder / "estimator.safetensors")
    assert weights.sha256 == ended.json["sha256"]
    assert json.loads((folder / "estimator.json").read_text())["sha256"] == weights.sha256


def test_other_options_are_refused(trained, run_command):
    _, folder = trained
    ended = run_command(*TINY, "--out", str(folder), "--seed", "6")
    assert ended.status == 2
    assert "seed 5 there and 6 now" in ended.json["error"]
    assert ended.json["error"] in " ".join(ended.err.split())


def test_bad_options_end_before_anything_is_made(run_command):
    ended = run_command("train", "--stacks", "missing", "--json")
    assert ended.status == 2, ended.err
    assert "missing is not a folder" in ended.json["error"]
    assert sorted(path.name for path in ended.folder.iterdir()) == ["err", "out"]


def test_two_processes_end_with_the_same_weights(trained, command_environment, tmp_path):
    """Under torchrun over gloo: one result, of the class of one process's, and all agree."""
    alone, folder = trained
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2",
        "--master-addr", "127.0.0.1", "--master-port", str(port),
        "-m", "bluesky_autofocus", *TINY, "--workers", "1", "--out", "two",
    ]  # fmt: skip
    ended = subprocess.run(
        command,
        cwd=tmp_path,
        env=command_environment
        | {"GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1", "PYTHONFAULTHANDLER": "1"},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    card = json.loads(ended.stdout)
    assert card["processes"] == 2
    for network in ("summary", "maps"):
        one, two = (c["figures_on_calibration_families"][network] for c in (alone.json, card))
        assert two["varied"]["rmse_s"] == pytest.approx(one["varied"]["rmse_s"], rel=0.3)
    first, second = (load_file(f / "estimator.safetensors") for f in (folder, tmp_path / "two"))
    assert first.keys() == second.keys()
    assert not all(torch.equal(value, second[name]) for name, value in first.items())
    scenes = Path("examples", "training", "scenes-000000-000003.npz")
    assert (folder / scenes).read_bytes() == (tmp_path / "two" / scenes).read_bytes()
    assert os.listdir(tmp_path) == ["two"]


TUNE = ("train", "--scenes", "2", "--calibration-scenes", "10", "--epochs-scale", "0.1", "--json")


@pytest.fixture(scope="module")
def recorded(run_command):
    """A run of the simulated station, as an autofocus sweep records it."""
    ended = run_command("demo", "--search", "sweep", "--seed", "3", "--json")
    assert ended.status == 0, ended.err
    return ended.json


def test_a_recorded_run_is_learned_from(recorded, run_command):
    ended = run_command(*TUNE, "--runs", recorded["uid"][:8], "--force", "--out", "tuned")
    assert ended.status == 0, ended.err
    (sweep,) = ended.json["sweeps"]
    assert sweep["planes"] == recorded["frames"]
    assert sweep["unit"] == recorded["unit"]
    assert abs(sweep["focus"] - recorded["final"]) < 2 * sweep["depth_of_field"]
    before, after = (ended.json[k]["held_back"]["summary"] for k in ("before", "after"))
    assert before["frames"] == after["frames"] >= 2
    weights = load_weights(ended.folder / "tuned" / "estimator.safetensors")
    assert weights.version.endswith("fine-tuned")


def test_runs_that_cannot_be_learned_from(recorded, run_command):
    ended = run_command(*TUNE, "--runs", "0123456789")
    assert ended.status == 2
    assert "no single run '0123456789'" in ended.json["error"]
    assert sorted(path.name for path in ended.folder.iterdir()) == ["err", "out"]
