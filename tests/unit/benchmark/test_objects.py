"""The benchmark on foreign objects: which images it takes, and what it says of them."""

import json

import numpy as np
import pytest
import tifffile
from bench_objects import OBJECTS, as_plain, as_table, images_below, searched
from PIL import Image

from bluesky_autofocus.benchmark import Conditions
from bluesky_autofocus.imaging import procedural_object


def test_each_channel_of_an_image_is_an_object(tmp_path):
    (tmp_path / "below").mkdir()
    Image.fromarray(np.zeros((40, 50, 3), np.uint8)).save(tmp_path / "below" / "colour.png")
    tifffile.imwrite(tmp_path / "grey.tif", np.zeros((40, 50), np.uint16))
    channels = np.arange(2 * 40 * 50, dtype=np.uint16).reshape(2, 40, 50)
    tifffile.imwrite(tmp_path / "two.tif", channels)
    (tmp_path / "SOURCE.txt").write_text("not an image")
    images = images_below(tmp_path)
    assert [image.name for image in images] == ["colour", "grey", "two:0", "two:1"]
    assert [image.read().shape for image in images] == [(40, 50)] * 4
    assert np.array_equal(images[-1].read(), channels[1])


@pytest.mark.timeout(120)
def test_an_object_is_searched_in_each_light_and_reported(tmp_path):
    texture = procedural_object("grain", (600, 600), seed=1)
    Image.fromarray(np.rint(100 * texture).astype(np.uint8)).save(tmp_path / "grain.png")
    trials = searched(images_below(tmp_path), Conditions(seed=3), runs=2)
    assert [trial.light for trial in trials] == ["bright", "normal", "dark"]
    said = json.loads(json.dumps(as_plain(trials, 3), allow_nan=False))
    assert set(said["rows"]) == {"grain", "bright", "normal", "dark", "all"}
    assert said["rows"]["all"]["runs"] == 3
    low, high = said["rows"]["all"]["success_interval"]
    assert 0 <= low < said["rows"]["all"]["success"] <= high <= 1
    assert len(said["failures"]) == sum(not trial.succeeded for trial in trials)
    assert as_table(trials).row_count == 5


def test_the_objects_beside_the_project_are_all_found():
    if not OBJECTS.is_dir():
        pytest.skip(f"{OBJECTS.resolve()} is not there: it is not part of the project")
    images = images_below(OBJECTS)
    assert len(images) == 9
    assert all(min(image.read().shape) > 300 for image in images)
