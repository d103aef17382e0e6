from pathlib import Path

import pytest

from devices.sim.camera.pair import RefusedError
from devices.sim.camera.paths import create_folder, file_name, inside


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("%s%s_%6.6d.h5", "/data/run_000007.h5"),
        ("%s%s_%d.hdf5", "/data/run_7.hdf5"),
        ("%s%s.h5", "/data/run.h5"),
    ],
)
def test_the_template_takes_folder_name_and_number(template, expected):
    assert file_name(template, "/data/", "run", 7) == expected


@pytest.mark.parametrize(
    "template",
    ["", "%s.h5", "%d%s%s", "%s%s%d%d", "%s%s%n", "%s%s%999999999d", "%s%s_%", "%s%x%d", "%s%s%s"],
)
def test_a_template_with_other_conversions_is_refused(template):
    with pytest.raises(RefusedError, match="template"):
        file_name(template, "/data/", "run", 7)


def test_a_name_that_is_too_long_or_empty_is_refused():
    with pytest.raises(RefusedError, match="bytes"):
        file_name("%s%s.h5", "/data/", "x" * 250, 0)
    with pytest.raises(RefusedError, match="FileName"):
        file_name("%s%s.h5", "/data/", "", 0)


def test_only_the_data_directory_may_be_written_to(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "link").symlink_to(tmp_path)
    assert inside(data, data)
    assert inside(data / "new" / "file.h5", data)
    assert not inside(tmp_path, data)
    assert not inside(data / ".." / "other", data)
    assert not inside(data / "link" / "other", data)
    assert not inside(tmp_path / "database", data)
    assert not inside(Path("data"), None)
    assert inside(Path("/anywhere"), None)


@pytest.mark.parametrize(
    ("depth", "made"), [(0, False), (-1, False), (-2, True), (-3, True), (1, True)]
)
def test_folders_are_made_as_deep_as_allowed(tmp_path, depth, made):
    folder = tmp_path / "a" / "b"
    assert create_folder(folder, depth) is made
    assert folder.is_dir() is made


def test_a_positive_depth_counts_the_folders_that_must_be_there(tmp_path):
    levels = len(tmp_path.parts) - 1
    assert not create_folder(tmp_path / "a", levels + 2)
    assert create_folder(tmp_path / "a", levels + 1)


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    assert create_folder(tmp_path, 0)


def test_a_file_in_the_way_is_an_error_or_a_no(tmp_path):
    (tmp_path / "file").write_text("x")
    assert not create_folder(tmp_path / "file", -1)
    with pytest.raises(OSError):
        create_folder(tmp_path / "file" / "below", -1)
