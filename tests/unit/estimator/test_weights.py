import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from bluesky_autofocus.errors import WeightsError
from bluesky_autofocus.estimator import load_weights


def test_weights_come_back_as_they_were_saved(small_weights):
    one, other = load_weights(small_weights), load_weights(small_weights)
    assert one.sha256 == other.sha256 and one.version == "small"
    assert one.calibration.map_temperature == 1.5
    for a, b in zip(
        one.summary.state_dict().values(), other.summary.state_dict().values(), strict=True
    ):
        assert torch.equal(a, b)
    assert not one.maps.training


@pytest.mark.parametrize("place", [4, 60, -1, -2000])
def test_one_wrong_byte_is_found(small_weights, tmp_path, place):
    data = bytearray(small_weights.read_bytes())
    data[place] ^= 0x41
    path = tmp_path / "wrong.safetensors"
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="wrong.safetensors"):
        load_weights(path)


@pytest.mark.parametrize("kept", [0, 7, 100, 5000])
def test_a_cut_file_is_found(small_weights, tmp_path, kept):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(small_weights.read_bytes()[:kept])
    with pytest.raises(WeightsError, match="cut.safetensors"):
        load_weights(path)


def test_weights_of_another_make_are_refused(tmp_path):
    path = tmp_path / "foreign.safetensors"
    save_file({"layer.weight": torch.zeros(3)}, path)
    with pytest.raises(WeightsError, match="not a file of weights of this estimator"):
        load_weights(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match="nowhere.safetensors"):
        load_weights(tmp_path / "nowhere.safetensors")


def test_the_weights_of_the_package_are_whole_and_small():
    from importlib.resources import files

    shipped = files("bluesky_autofocus.estimator") / "weights"
    weights = load_weights()
    text = (shipped / "estimator.safetensors.sha256").read_text()
    assert text.split() == [weights.sha256, "estimator.safetensors"]
    assert len((shipped / "estimator.safetensors").read_bytes()) <= 5_000_000
    assert np.isfinite(list(vars(weights.calibration).values())).all()
