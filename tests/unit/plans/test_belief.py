"""The plan with the search by belief, on a soft axis and a camera that sees rendered frames."""

import subprocess
import sys
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from ophyd.status import Status

from bluesky_autofocus.belief import Observation, observe, recorded_observation
from bluesky_autofocus.belief.transfer_table import transfer_table
from bluesky_autofocus.errors import CameraFaultError, OpticsError, RegionError, StationError
from bluesky_autofocus.imaging import Illumination, Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.scale import Scale
from bluesky_autofocus.verdict import Side, Verdict
from devices import EstimatorSensor, FrameCamera
from plans import autofocus

OPTICS = Optics(numerical_aperture=0.3, wavelength_um=0.55, magnification=10, pixel_um=3.45)
DOF_UM = OPTICS.depth_of_field_um
SHAPE = (512, 512)
FOCUS_UM = -40.0


class RenderedCamera:
    """Takes frames of a sample whose focus is at one stage position."""

    parent = None
    name = "camera"
    full_scale = 255.0
    frame_shape = SHAPE

    def __init__(self, soft, focus_um: float):
        self.soft, self.focus_um = soft, focus_um
        self.light, self.contrast = 0.4, 1.0
        self.relief_dof = 0.0
        self.seen: list[np.ndarray] = []
        self.tables: list[int] = []

    def trigger(self):
        self.tables.append(transfer_table.cache_info().misses)
        radiance = procedural_object("grain", (768, 768), seed=5, contrast=self.contrast)
        u = (self.soft.stage.readback.get() - self.focus_um) / DOF_UM
        image = Renderer(radiance, OPTICS, frame_shape=SHAPE).image(u + self.relief_dof)
        light = Illumination(self.light).field(SHAPE)
        self.seen.append(expose(image * light, Sensor(bits=8), seed=len(self.seen)))
        status = Status(obj=self)
        status.set_finished()
        return status

    def frame(self):
        return self.seen[-1]

    def read(self):
        return {"camera_frames": {"value": len(self.seen), "timestamp": 0.0}}

    def describe(self):
        return {"camera_frames": {"source": "TEST", "dtype": "integer", "shape": []}}

    def read_configuration(self):
        return {}

    def describe_configuration(self):
        return {}


@pytest.fixture
def camera(soft) -> RenderedCamera:
    camera = RenderedCamera(soft, FOCUS_UM)
    soft.station = replace(
        soft.station,
        camera=cast(FrameCamera, camera),
        optics=OPTICS,
        estimator=EstimatorSensor(camera, OPTICS, name="estimate"),
        scale=Scale(DOF_UM, "um"),
        window=(-450.0, 450.0),
        position_tolerance=DOF_UM / 10,
    )
    return camera


def run(soft, engine, start_um: float, **options):
    soft.stage.set(start_um)
    soft.stage.targets.clear()
    return engine(autofocus(soft.station, **options)).plan_result


@pytest.mark.parametrize("start_dof", [-50.0, -7.0, 2.5, 50.0])
def test_severe_defocus_ends_in_focus_within_a_few_frames(soft, engine, camera, start_dof):
    result = run(soft, engine, FOCUS_UM + start_dof * DOF_UM)
    assert result.verdict is Verdict.IN_FOCUS, result
    assert abs(soft.stage.readback.get() - FOCUS_UM) <= DOF_UM / 2
    assert result.frames <= 6
    assert soft.last("start")["autofocus"]["search"] == "belief"
    assert soft.last("start")["autofocus"]["measure"] == "estimator"
    assert all(-450.0 <= target <= 450.0 for target in soft.stage.targets)


def test_a_start_in_focus_costs_two_frames_more_at_most_and_stays(soft, engine, camera):
    result = run(soft, engine, FOCUS_UM + 0.1 * DOF_UM)
    assert result.verdict is Verdict.IN_FOCUS
    assert result.frames <= 3
    assert abs(soft.stage.readback.get() - FOCUS_UM) <= DOF_UM / 2


@pytest.mark.parametrize(("column", "height_dof"), [(0, 0.0), (256, 15.0)])
def test_the_region_of_interest_comes_into_focus(soft, engine, camera, column, height_dof):
    """The right half of the sample lies fifteen depths of field from the left one."""
    camera.relief_dof = np.zeros(SHAPE, dtype=np.float32)
    camera.relief_dof[:, 256:] = 15.0
    region = [0, column, 512, 256]
    result = run(soft, engine, FOCUS_UM + 30 * DOF_UM, region=region)
    assert result.verdict is Verdict.IN_FOCUS, result
    there_um = FOCUS_UM - height_dof * DOF_UM
    assert abs(soft.stage.readback.get() - there_um) <= DOF_UM / 2
    assert soft.last("start")["autofocus"]["region"] == region
    (primary,) = [
        document
        for name, document in soft.documents
        if name == "descriptor" and document["name"] == "primary"
    ]
    assert list(primary["configuration"]["estimate"]["data"]["estimate_region"]) == region
    data = soft.events("primary")[-1]
    assert (data["estimate_frame_rows"], data["estimate_frame_columns"]) == (512, 256)


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ((0, 0, 512, 513), "frame has 512 × 512"),
        ((-1, 0, 64, 64), "counted from 0"),
        ((0, 0, 63, 64), "64 each way"),
        ((0, 0, 64), "four whole numbers"),
        ((0, 0, 64.5, 64), "four whole numbers"),
    ],
)
@pytest.mark.parametrize("search", ["belief", "sweep"])
def test_a_region_that_cannot_be_is_refused_before_anything_moves(
    soft, engine, camera, region, said, search
):
    with pytest.raises(RegionError, match=said):
        run(soft, engine, FOCUS_UM, region=region, search=search)
    assert not soft.stage.targets
    assert not camera.seen


def test_focus_outside_the_window_is_named_with_its_side(soft, engine, camera):
    result = run(soft, engine, 200.0, window=(100.0, 300.0))
    assert result.verdict is Verdict.OUT_OF_RANGE
    assert result.side is Side.LOW
    assert result.focus_position == pytest.approx(FOCUS_UM, abs=4 * DOF_UM)
    assert soft.stage.readback.get() == pytest.approx(200.0)


@pytest.mark.parametrize(
    ("light", "contrast", "verdict"),
    [(0.4, 0.0, Verdict.NO_TEXTURE), (0.001, 1.0, Verdict.TOO_DARK), (9.0, 1.0, Verdict.SATURATED)],
)
def test_what_shows_nothing_is_told_apart(soft, engine, camera, light, contrast, verdict):
    camera.light, camera.contrast = light, contrast
    result = run(soft, engine, 100.0)
    assert result.verdict is verdict, result
    assert soft.stage.readback.get() == pytest.approx(100.0)


def test_the_events_hold_the_very_observations(soft, engine, camera):
    run(soft, engine, 100.0)
    estimator = soft.station.estimator.load()
    events = soft.events("primary")
    assert len(events) == len(camera.seen)
    for data, frame in zip(events, camera.seen, strict=True):
        recorded, fresh = recorded_observation(data, "estimate"), observe(frame, estimator)
        assert isinstance(recorded, Observation)
        for name in ("sharpness", "mean_fraction", "saturated_fraction", "condition"):
            assert getattr(recorded, name) == getattr(fresh, name)
        assert (recorded.nothing, recorded.in_focus) == (fresh.nothing, fresh.in_focus)
        assert recorded.spectrum.layout == fresh.spectrum.layout
        assert np.array_equal(recorded.probabilities, fresh.probabilities)
        assert np.array_equal(recorded.spectrum.power, fresh.spectrum.power)


def test_each_decision_says_what_is_believed(soft, engine, camera):
    result = run(soft, engine, 100.0)
    decided = soft.events("search")
    assert decided[-1]["search_best"] == pytest.approx(FOCUS_UM, abs=DOF_UM)
    assert decided[-1]["search_best_probability"] > 0.9
    assert 0 < decided[-1]["search_best_sigma"] < DOF_UM
    assert len(decided[0]["search_candidates"].split("; ")) <= 3
    assert len(decided) == result.frames


def test_no_step_waits_for_a_table(soft, engine, camera):
    transfer_table.cache_clear()
    run(soft, engine, 100.0)
    assert [*camera.tables, transfer_table.cache_info().misses] == [1] * (len(camera.seen) + 1)


def test_the_belief_is_refused_without_optics(soft, engine):
    with pytest.raises(StationError, match=r"'belief' needs the optics.*'soft' has none"):
        engine(autofocus(soft.station, search="belief"))
    assert not soft.documents
    assert not soft.stage.targets


def test_optics_that_the_estimator_does_not_know_are_refused_before_a_move(soft, engine, camera):
    sensor = EstimatorSensor(camera, replace(OPTICS, pixel_um=30.0), name="estimate")
    soft.station = replace(soft.station, estimator=sensor)
    with pytest.raises(OpticsError, match="sampling.*choose another search"):
        run(soft, engine, 10.0)
    assert not soft.documents
    assert not soft.stage.targets


def test_a_camera_that_does_not_answer_is_told_before_a_move(soft, engine, camera):
    class Silent(RenderedCamera):
        @property
        def full_scale(self):
            raise TimeoutError("no answer in 1 s")

    sensor = EstimatorSensor(Silent(soft, FOCUS_UM), OPTICS, name="estimate")
    soft.station = replace(soft.station, estimator=sensor)
    with pytest.raises(CameraFaultError, match="no answer in 1 s.*Is its IOC running"):
        run(soft, engine, 10.0)
    assert not soft.documents
    assert not soft.stage.targets


def test_torch_is_not_imported_before_it_is_needed():
    program = "import devices.station_loader, plans, sys; print('torch' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert said.stdout.strip() == "False"
