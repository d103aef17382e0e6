"""Runs with rendered frames in their events, as documents."""

from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest
from event_model import compose_run
from numpy.typing import NDArray

from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import Optics

OPTICS = Optics(numerical_aperture=0.3, wavelength_um=0.55, magnification=10, pixel_um=3.45)
SHAPE = (128, 128)


@pytest.fixture(scope="session")
def optics() -> Optics:
    return OPTICS


@pytest.fixture(scope="session")
def frames() -> list[NDArray[np.number]]:
    """Frames in focus and out of it."""
    radiance = procedural_object("grain", (192, 192), seed=5)
    renderer = Renderer(radiance, OPTICS, frame_shape=SHAPE)
    images = [renderer.image(u) * 0.4 for u in (0.0, 3.0, 12.0)]
    return [expose(image, Sensor(bits=8), seed=k) for k, image in enumerate(images)]


@pytest.fixture(scope="session")
def documents(frames) -> Callable[..., list[tuple[str, dict]]]:
    """Compose the documents of a run with those frames."""

    def compose(taken=frames, *, known: bool = True, **metadata) -> list[tuple[str, dict]]:
        said = {"autofocus": {"optics": asdict(OPTICS)}} if known else {}
        run = compose_run(metadata={**said, **metadata})
        key = {"source": "test", "dtype": "array", "shape": list(SHAPE)}
        number = {"source": "test", "dtype": "number", "shape": []}
        stream = run.compose_descriptor(name="primary", data_keys={"cam": key, "stage": number})
        composed: list[tuple[str, dict]] = [
            ("start", dict(run.start_doc)),
            ("descriptor", dict(stream.descriptor_doc)),
        ]
        for index, frame in enumerate(taken):
            data = {"cam": frame, "stage": float(index)}
            event = stream.compose_event(data=data, timestamps=dict.fromkeys(data, 0.0))
            composed.append(("event", dict(event)))
        return [*composed, ("stop", dict(run.compose_stop()))]

    return compose
