"""The profile gives the catalog its name and never takes another's."""

from pathlib import Path

import pytest
import yaml
from tiled import profiles

from bluesky_autofocus.catalog import HOME_VARIABLE, PROFILE, Storage
from bluesky_autofocus.catalog.profile import forget_profile, profile_text, register_profile
from bluesky_autofocus.errors import CatalogError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def search_path(monkeypatch, tmp_path):
    """A facility's folder and a user's, in place of the machine's own."""
    folders = [tmp_path / "facility", tmp_path / "user"]
    for folder in folders:
        folder.mkdir()
    monkeypatch.setattr(profiles, "paths", list(folders))
    # A catalog that other tests of this session keep open is none of these tests' business.
    monkeypatch.setattr("bluesky_autofocus.catalog.profile._own_directories", [])
    yield folders
    profiles.load_profiles.cache_clear()


@pytest.fixture
def default(monkeypatch, tmp_path):
    """The user's default catalog."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return Storage(tmp_path / "data" / "bluesky-autofocus")


def database_of(name: str) -> str:
    return profiles.load_profiles()[name][1]["direct"]["trees"][0]["args"]["uri"]


def test_the_default_catalog_is_registered_with_the_users_profiles(search_path, default):
    path = register_profile(default)
    assert path == search_path[1] / "autofocus.yml"
    assert database_of(PROFILE) == f"sqlite:///{default.database}"


def test_registering_again_changes_nothing(search_path, default):
    path = register_profile(default)
    before = path.stat().st_mtime_ns
    register_profile(default)
    assert path.stat().st_mtime_ns == before
    assert list(path.parent.iterdir()) == [path]


def test_an_outdated_profile_of_the_same_catalog_is_renewed(search_path, default):
    path = register_profile(default)
    content = yaml.safe_load(path.read_text())
    del content[PROFILE]["direct"]["media_types"]
    path.write_text(yaml.safe_dump(content))
    register_profile(default)
    assert path.read_text() == profile_text(default)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("file", ["autofocus.yml", "beamline.yaml"])
def test_a_profile_that_points_elsewhere_is_refused_and_kept(search_path, default, level, file):
    theirs = search_path[level] / file
    theirs.write_text("autofocus: {uri: 'http://tiled.example.org'}")
    with pytest.raises(
        CatalogError, match=rf"in {theirs}; it is not that of the catalog in {default.home}"
    ):
        register_profile(default)
    assert "tiled.example.org" in theirs.read_text()
    assert sum(len(list(folder.iterdir())) for folder in search_path) == 1


def test_a_second_profile_of_the_same_catalog_is_refused(search_path, default):
    # Of two profiles of one name in one folder Tiled would take neither.
    copy = register_profile(default).rename(search_path[1] / "copy.yml")
    with pytest.raises(CatalogError, match=rf"already exists in {copy}"):
        register_profile(default)


def test_a_catalog_elsewhere_keeps_its_profile_and_leaves_the_users_alone(search_path, tmp_path):
    theirs = search_path[1] / "autofocus.yml"
    theirs.write_text("autofocus: {uri: 'http://tiled.example.org'}")
    elsewhere = Storage(tmp_path / "elsewhere")
    path = register_profile(elsewhere)
    assert path == tmp_path / "elsewhere" / "profiles" / "autofocus.yml"
    assert database_of(PROFILE) == f"sqlite:///{elsewhere.database}"
    forget_profile(path)
    assert profiles.load_profiles()[PROFILE][1] == {"uri": "http://tiled.example.org"}
    assert profiles.paths == search_path


def test_of_two_catalogs_elsewhere_the_last_opened_has_the_name(search_path, tmp_path):
    paths = [register_profile(Storage(tmp_path / name)) for name in ("one", "two")]
    assert database_of(PROFILE) == f"sqlite:///{tmp_path}/two/catalog.db"
    for path in paths:
        forget_profile(path)


def test_a_catalog_opened_twice_keeps_its_name_until_closed_twice(search_path, tmp_path):
    storage = Storage(tmp_path / "one")
    first, other, second = map(register_profile, [storage, Storage(tmp_path / "other"), storage])
    assert database_of(PROFILE) == f"sqlite:///{storage.database}"
    forget_profile(second)
    assert database_of(PROFILE) == f"sqlite:///{tmp_path}/other/catalog.db"
    forget_profile(other)
    assert database_of(PROFILE) == f"sqlite:///{storage.database}"
    forget_profile(first)
    assert PROFILE not in profiles.load_profiles()
    assert profiles.paths == search_path


def test_a_profile_that_cannot_be_written_is_a_clear_error(search_path, default):
    search_path[1].rmdir()
    search_path[1].write_text("a file is in the way")
    with pytest.raises(CatalogError, match=r"cannot be written .*BLUESKY_AUTOFOCUS_HOME"):
        register_profile(default)


def test_the_servers_configuration_is_the_embedded_one(tmp_path):
    text = (ROOT / "profile" / "tiled" / "config.yml").read_text()
    server = yaml.safe_load(text.replace(f"${{{HOME_VARIABLE}}}", str(tmp_path)))
    # The server makes its database on first start; open_catalog does it for the embedded one.
    assert server["trees"][0]["args"].pop("init_if_not_exists") is True
    assert server == yaml.safe_load(profile_text(Storage(tmp_path)))[PROFILE]["direct"]


def test_the_configuration_on_postgresql_has_other_databases_and_arrays():
    folder = ROOT / "profile" / "tiled"
    expected = yaml.safe_load((folder / "config.yml").read_text())
    grown = yaml.safe_load((folder / "postgresql.yml").read_text())
    arguments = expected["trees"][0]["args"]
    assert arguments["uri"].startswith("sqlite:")
    assert arguments["writable_storage"][1].startswith("sqlite:")
    arguments["uri"] = arguments["writable_storage"][1] = "${BLUESKY_AUTOFOCUS_DATABASE}"
    arrays, _ = arguments["writable_storage"]
    arguments["writable_storage"][0] = arrays.replace("/arrays", "/served/arrays")
    assert grown == expected
