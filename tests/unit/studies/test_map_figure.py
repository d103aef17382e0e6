"""A frame of three altitudes beside its sharpness map."""

import numpy as np
import pytest

from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.imaging import (
    Illumination,
    Renderer,
    Sensor,
    expose,
    procedural_object,
    terraces,
)
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.regions import FieldBelief, field_evidence, field_regions, observe_field
from bluesky_autofocus.studies import map_figure, map_table

OPTICS = Optics(numerical_aperture=0.30, wavelength_um=0.55, magnification=10.0, pixel_um=3.45)
SHAPE = (256, 320)


def frame_at(u_dof, shape=SHAPE):
    altitude = u_dof + terraces(shape, (-6.0, 0.0, 9.0), seed=0)
    image = Renderer(procedural_object("powder", shape, seed=1), OPTICS).image(altitude)
    return expose(image * Illumination().field(shape), Sensor(), seed=1)


@pytest.fixture(scope="module")
def frame():
    return frame_at(0.0)


def test_every_cell_is_in_the_table_and_the_picture_has_the_sample_in_um(frame):
    said = SharpnessEstimator(OPTICS, full_scale=255.0)(frame)
    rows = map_table(said)
    assert len(rows) == said.sharpness.size
    assert rows[-1]["row_px"] == said.row_px[-1] and rows[-1]["col_px"] == said.col_px[-1]
    figure = map_figure(frame, said, OPTICS.sample_pixel_um, "terraces")
    left, right, bar = figure.axes
    assert left.get_xlim()[1] == pytest.approx(SHAPE[1] * OPTICS.sample_pixel_um)
    assert "µm" in left.get_ylabel() and "sharpness" in bar.get_ylabel()
    shown = right.images[0].get_array()
    assert shown is not None and (np.ma.getmaskarray(shown) == ~said.valid).all()


def test_altitudes_are_labelled_where_they_are_known():
    shape, estimator = (768, 768), SharpnessEstimator(OPTICS, full_scale=255.0)
    belief = FieldBelief(-15.0, 15.0)
    for u_dof in (-9.0, -3.0, 0.0, 3.0, 6.0):
        belief = belief.ingest(u_dof, observe_field(frame_at(u_dof, shape), estimator))
    regions = field_regions(field_evidence(belief))
    frame = frame_at(0.0, shape)
    figure = map_figure(frame, estimator(frame), OPTICS.sample_pixel_um, "terraces", regions)
    left, right, _ = figure.axes
    said = sorted(float(text.get_text().removesuffix(" DoF")) for text in left.texts)
    assert said == pytest.approx([-9.0, 0.0, 6.0], abs=0.3)
    assert len(right.texts) == 3
