"""Proxy and listener of the how-to page: a run on a 0MQ stream is estimated into the catalog."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from bluesky.callbacks.zmq import Publisher
from event_model import compose_run

from bluesky_autofocus.belief import estimated_values
from bluesky_autofocus.catalog import HOME_VARIABLE, Run, open_catalog
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.optics import Optics
from devices.sim.network import free_port

pytestmark = pytest.mark.system

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "replay-runs.md"
OPTICS = Optics(0.3, 0.55, 10, 3.45)
FRAME = np.random.default_rng(3).integers(60, 160, (128, 128)).astype(np.uint8)


@contextmanager
def running(*command: str, home: Path) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(command, env={**os.environ, HOME_VARIABLE: str(home)})
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def the_block(language: str, word: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (block,) = [block for block in blocks if word in block]
    return block


def a_run() -> list[tuple[str, dict]]:
    run = compose_run(metadata={"autofocus": {"optics": asdict(OPTICS)}})
    key = {"source": "test", "dtype": "array", "shape": list(FRAME.shape)}
    stream = run.compose_descriptor(name="primary", data_keys={"cam": key})
    event = stream.compose_event(data={"cam": FRAME}, timestamps={"cam": 0.0})
    documents = [run.start_doc, stream.descriptor_doc, event, run.compose_stop()]
    names = ["start", "descriptor", "event", "stop"]
    return [(name, dict(document)) for name, document in zip(names, documents, strict=True)]


def test_a_run_on_a_0mq_stream_is_estimated_into_the_catalog(tmp_path):
    ports = {f"127.0.0.1:{port}": f"127.0.0.1:{free_port()}" for port in (5577, 5578)}
    command, *addresses = shlex.split(the_block("bash", "0MQ-proxy"))
    assert set(ports) <= set(addresses)
    proxy = [str(Path(sys.executable).with_name(command)), *(ports.get(a, a) for a in addresses)]
    block = the_block("python", "RemoteDispatcher")
    assert "127.0.0.1:5578" in block
    block = block.replace("127.0.0.1:5578", ports["127.0.0.1:5578"])
    with open_catalog(tmp_path) as catalog:
        with running(*proxy, home=tmp_path), running(sys.executable, "-c", block, home=tmp_path):
            publisher = Publisher(ports["127.0.0.1:5577"])
            try:
                derived = until_derived(catalog, publisher)
            finally:
                publisher.close()
        (data,) = derived.events()
    assert derived.start["raw_uid"]
    for field, value in estimated_values(FRAME, SharpnessEstimator(OPTICS)).items():
        assert np.array_equal(data[f"estimate_{field}"], value), field


def until_derived(catalog, publisher) -> Run:
    """Publish until the listener, which needs seconds to start, has heard a whole run."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        for name, document in a_run():
            publisher(name, document)
        time.sleep(2)
        for uid in catalog.client:
            client = catalog.client[uid]
            if client.metadata.get("stop"):
                return Run(client)
    pytest.fail("no derived run within 90 s")
