"""Where the catalog's files are."""

from pathlib import Path

import pytest

from bluesky_autofocus.catalog import HOME_VARIABLE, Storage, frames_directory, home_directory
from bluesky_autofocus.errors import CatalogError


@pytest.fixture
def no_home(monkeypatch):
    monkeypatch.delenv(HOME_VARIABLE, raising=False)


def test_default_is_the_users_data_directory(no_home, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert home_directory() == tmp_path / "bluesky-autofocus"


def test_argument_beats_variable_beats_default(no_home, monkeypatch, tmp_path):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "variable"))
    assert home_directory() == tmp_path / "variable"
    assert home_directory(tmp_path / "argument") == tmp_path / "argument"


def test_a_relative_folder_becomes_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert home_directory("here") == tmp_path / "here"


def test_frames_directory_is_made_inside_the_home(tmp_path):
    frames = frames_directory(tmp_path / "home")
    assert frames == tmp_path / "home" / "frames"
    assert frames.is_dir()


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "arrays").write_text("a file is in the way")
    with pytest.raises(CatalogError, match=r"arrays cannot be made .*BLUESKY_AUTOFOCUS_HOME"):
        Storage(tmp_path).create()


def test_a_read_only_file_system_is_a_clear_error():
    with pytest.raises(CatalogError, match="cannot be made"):
        Storage(Path("/proc/bluesky-autofocus")).create()


def test_a_read_only_folder_is_a_clear_error(monkeypatch, tmp_path):
    # The superuser, as whom tests may run, is never refused: ask as the system would answer.
    monkeypatch.setattr("os.access", lambda path, mode: Path(path) != tmp_path / "backup")
    with pytest.raises(CatalogError, match=r"backup is read-only; .*BLUESKY_AUTOFOCUS_HOME"):
        Storage(tmp_path).create()
