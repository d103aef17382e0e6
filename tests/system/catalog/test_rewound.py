"""A step that a pause repeats counts once: of two events of one number, the later."""

from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
import numpy as np
import pytest
from bluesky.utils import RunEngineInterrupted
from ophyd import Signal

from bluesky_autofocus.catalog import load_run, record

pytestmark = pytest.mark.system


@pytest.fixture
def rewound(catalog, station, run_engine):
    """A run of three events, the second of them taken again after a pause."""
    taken: Any = Signal(name="taken", value=0)
    curve: Any = Signal(name="curve", value=np.zeros(4))
    camera: Any = station.camera

    @bpp.stage_decorator([station.camera])
    @bpp.run_decorator()
    def plan():
        for step in range(3):
            yield from bps.checkpoint()
            yield from bps.trigger(station.camera, group="frame")
            yield from bps.wait("frame")
            number = len(station.camera.written)
            yield from bps.abs_set(taken, number, wait=True)
            yield from bps.abs_set(curve, np.full(4, float(number)), wait=True)
            yield from bps.create("primary")
            for device in (camera, taken, curve):
                yield from bps.read(device)
            yield from bps.save()
            if step == 1:
                yield from bps.pause()

    emitted = []
    run_engine.subscribe(lambda name, document: emitted.append((name, document)))
    with record(run_engine, catalog) as recorder:
        with pytest.raises(RunEngineInterrupted):
            run_engine(plan())
        (uid,) = run_engine.resume()
        assert recorder.flush(30)
    numbers = [document["seq_num"] for name, document in emitted if name == "event"]
    return load_run(catalog, uid), numbers


def test_the_later_event_of_a_number_counts(rewound, station):
    run, numbers = rewound
    assert numbers == [1, 2, 2, 3]
    assert list(run.table().index) == [1, 2, 3]
    events = run.events()
    assert [event["taken"] for event in events] == [1, 2, 4]
    assert [event["curve"][0] for event in events] == [1, 2, 4]
    frames = run.frames()
    kept = [station.camera.written[index] for index in (0, 2, 3)]
    np.testing.assert_array_equal(list(frames), kept)
    np.testing.assert_array_equal(frames[1:], kept[1:])
