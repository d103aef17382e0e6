"""A station whose environment names a server records there, and all find the run by one name."""

import pytest

from bluesky_autofocus.catalog import (
    SERVER_VARIABLE,
    load_run,
    open_catalog,
    open_embedded_catalog,
    record,
)

pytestmark = pytest.mark.system

KEY = "secretfortests"


@pytest.fixture
def on_server(postgresql_catalog, monkeypatch):
    """A user's environment after the catalog has moved."""
    server = str(postgresql_catalog.client.context.api_uri)
    home = str(postgresql_catalog.storage.home)
    environment = {SERVER_VARIABLE: server, "BLUESKY_AUTOFOCUS_HOME": home, "TILED_API_KEY": KEY}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


def test_the_catalog_is_the_servers(
    on_server, catalog, postgresql_catalog, station, run_engine, in_new_process
):
    with open_catalog() as opened:
        with record(run_engine, opened) as recorder:
            (uid,) = run_engine(station.plan())
            assert recorder.flush(60)
        assert load_run(opened.v1, uid).stop == load_run(postgresql_catalog, uid).stop
        assert opened.client.context.api_uri == postgresql_catalog.client.context.api_uri
        read = opened.how_to_read(uid)
    assert uid not in catalog.client
    said = in_new_process(f"{read}\nprint(len(run.table()))", **on_server)
    assert said.splitlines()[-1] == "5"


def test_a_folder_of_its_own_stays_embedded(on_server, catalog, tmp_path):
    with open_catalog(tmp_path) as other:
        assert other.storage.home == tmp_path
        assert len(other.client) == 0
    with open_embedded_catalog(catalog.storage.home) as embedded:
        assert embedded.client.context.api_uri != on_server[SERVER_VARIABLE]
        assert len(embedded.client) == len(catalog.client)
