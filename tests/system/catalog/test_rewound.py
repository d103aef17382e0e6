"""A step that a pause repeats counts once: of two events of one number, the later."""

import numpy as np
import pytest

pytestmark = pytest.mark.system


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
