"""Documents in, estimates out as a run of their own."""

from dataclasses import asdict
from itertools import chain

import numpy as np
import pytest
import torch
from event_model import DocumentNames, schema_validators

from bluesky_autofocus.belief import estimated_values, observe, recorded_observation
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.processor import SharpnessProcessor


def processed(documents, **settings) -> list[tuple[str, dict]]:
    emitted: list[tuple[str, dict]] = []
    processor = SharpnessProcessor(lambda name, doc: emitted.append((name, doc)), **settings)
    for name, document in documents:
        processor(name, document)
    return emitted


def data(emitted) -> list[dict]:
    return [document["data"] for name, document in emitted if name == "event"]


def test_each_frame_is_estimated_as_the_sensor_does(documents, frames, optics):
    raw = documents()
    emitted = processed(raw)
    assert [name for name, _ in emitted] == ["start", "descriptor", *["event"] * 3, "stop"]
    estimator = SharpnessEstimator(optics)
    start = emitted[0][1]
    assert start["raw_uid"] == raw[0][1]["uid"] != start["uid"]
    assert start["purpose"] == "sharpness"
    assert start["processor"]["weights_sha256"] == estimator.weights_sha256
    for number, (values, frame) in enumerate(zip(data(emitted), frames, strict=True), start=1):
        assert values["raw_seq_num"] == number
        found, fresh = recorded_observation(values, "estimate"), observe(frame, estimator)
        assert found.sharpness == fresh.sharpness
        assert np.array_equal(found.probabilities, fresh.probabilities)
        assert np.array_equal(found.spectrum.power, fresh.spectrum.power)
    assert emitted[-1][1]["exit_status"] == "success"


def test_what_is_emitted_is_valid(documents):
    emitted = processed(documents())
    assert {name for name, _ in emitted} == {"start", "descriptor", "event", "stop"}
    for name, document in emitted:
        plain = {**document}
        if name == "event":
            plain["data"] = {k: np.asarray(v).tolist() for k, v in document["data"].items()}
        errors = [e.message for e in schema_validators[DocumentNames[name]].iter_errors(plain)]
        assert not errors, name


def test_the_same_work_has_the_same_uid_and_other_work_another(documents):
    raw = documents()
    again, other = processed(raw), processed(raw, full_scale=200.0)
    assert processed(raw)[0][1]["uid"] == again[0][1]["uid"] != other[0][1]["uid"]


def test_runs_that_interleave_are_kept_apart(documents, frames):
    first, second = documents(), documents(frames[::-1])
    emitted = processed(chain.from_iterable(zip(first, second, strict=True)))
    starts = [document for name, document in emitted if name == "start"]
    assert [s["raw_uid"] for s in starts] == [first[0][1]["uid"], second[0][1]["uid"]]
    sharpness = [values["estimate_sharpness"] for values in data(emitted)]
    assert sharpness[0::2] == sharpness[1::2][::-1]


def test_derived_runs_and_runs_without_frames_are_passed_over(documents):
    assert processed(documents(raw_uid="another")) == []
    assert processed(documents(), stream="baseline") == []
    assert processed(documents(), key="stage") == []


def test_unknown_optics_are_logged_and_can_be_given(documents, optics, caplog):
    raw = documents(known=False)
    assert processed(raw) == []
    assert "optics of run" in caplog.text and "--optics FILE" in caplog.text
    assert len(data(processed(raw, optics=optics))) == 3


def test_what_the_run_says_of_the_full_scale_is_used(documents):
    raw = documents(calibration={"full_scale": 4095.0})
    assert processed(raw)[0][1]["processor"]["full_scale"] == 4095.0
    raw[1][1]["configuration"] = {
        "eye": {"data": {"eye_weights_sha256": "0", "eye_full_scale": 1023.0}}
    }
    assert processed(raw)[0][1]["processor"]["full_scale"] == 1023.0


def test_a_frame_that_cannot_be_estimated_fails_the_derived_run_only(documents, frames, caplog):
    emitted = processed(documents([frames[0], np.zeros((4, 4)), frames[1]]))
    assert len(data(emitted)) == 1
    stop = emitted[-1][1]
    assert stop["exit_status"] == "fail"
    assert "FrameError" in stop["reason"]
    assert "cannot be estimated" in caplog.text


def test_a_file_without_a_handler_is_named(documents):
    start, descriptor, event, *_, stop = documents()
    resource = {"uid": "r", "run_start": start[1]["uid"], "spec": "NOBODY", "resource_path": ""}
    emitted = processed([start, descriptor, ("resource", resource), event, stop])
    assert emitted[-1][1]["exit_status"] == "fail"
    assert "'NOBODY'" in emitted[-1][1]["reason"]


@pytest.mark.parametrize("shape", [(512, 512), (300, 420)])
def test_estimates_do_not_depend_on_the_number_of_threads(shape):
    estimator = SharpnessEstimator(Optics(0.3, 0.55, 10, 3.45), full_scale=255.0)
    frame = np.random.default_rng(2).integers(60, 160, shape).astype(np.uint8)
    before = torch.get_num_threads()
    try:
        said = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            said.append(estimated_values(frame, estimator))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert all(np.array_equal(said[0][name], said[1][name]) for name in said[0])


def test_the_region_that_a_run_measured_is_estimated(documents, frames, optics):
    region = [0, 32, 96, 64]
    said = {"optics": asdict(optics), "region": region}
    start, *rest = processed(documents(autofocus=said))
    assert start[1]["processor"]["region"] == region
    estimator = SharpnessEstimator(optics)
    for values, frame in zip(data(rest), frames, strict=True):
        fresh = observe(np.ascontiguousarray(frame[0:96, 32:96]), estimator)
        assert values["estimate_frame_columns"] == 64
        assert np.array_equal(values["estimate_probabilities"], fresh.probabilities)


def test_a_region_beside_the_frames_is_a_failure(documents, optics):
    said = {"optics": asdict(optics), "region": [0, 64, 128, 128]}
    emitted = processed(documents(autofocus=said))
    assert emitted[-1][1]["exit_status"] == "fail"
    assert "the frame has 128 × 128" in emitted[-1][1]["reason"]
