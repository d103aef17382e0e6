"""What cameras of other kinds may get wrong."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest

from bluesky_autofocus.errors import CameraFaultError
from devices import ReadingFrames, StreamingCamera


def camera(**values: Any) -> Any:
    readings = {key: {"value": value, "timestamp": 0.0} for key, value in values.items()}
    return SimpleNamespace(name="eye", read=lambda: readings)


def test_the_one_image_is_the_frame():
    frame = ReadingFrames(camera(image=np.ones((1, 4, 6)), total=24.0), 255.0).frame()
    assert isinstance(frame, np.ndarray)
    assert frame.shape == (4, 6)


def test_of_several_images_one_is_named():
    both = camera(left=np.zeros((4, 6)), right=np.ones((4, 6)))
    frame = ReadingFrames(both, 255.0, key="right").frame()
    assert isinstance(frame, np.ndarray)
    assert frame.all()
    with pytest.raises(CameraFaultError, match=r"reads 2 images \['left', 'right'\]"):
        ReadingFrames(both, 255.0).frame()


def test_a_camera_that_reads_no_image_is_a_fault():
    with pytest.raises(CameraFaultError, match=r"reads 0 images \[\] among \['image'\]"):
        ReadingFrames(camera(image="datum/0"), 255.0).frame()


class Detector:
    """A detector that has announced a file."""

    name = "det"
    hints = {"fields": ["det"]}  # noqa: RUF012

    def __init__(self, uri: str, mimetype: str = "application/x-hdf5"):
        self.uri, self.mimetype = uri, mimetype

    async def collect_asset_docs(self, index=None):
        parameters = {"dataset": "/entry/data/data"}
        yield (
            "stream_resource",
            {
                "data_key": "det",
                "mimetype": self.mimetype,
                "uri": self.uri,
                "parameters": parameters,
            },
        )


def streaming(uri: str, **options: Any) -> StreamingCamera:
    detector: Any = Detector(uri, **options)
    return StreamingCamera(detector, full_scale=255.0)


def test_the_last_frame_of_the_file_is_read(tmp_path: Path):
    folder = tmp_path / "with space"
    folder.mkdir()
    with h5py.File(folder / "f.h5", "w", libver="latest") as file:
        file["entry/data/data"] = np.arange(24).reshape(2, 1, 3, 4)
    uri = f"file://localhost{str(folder).replace(' ', '%20')}/f.h5"
    frame = asyncio.run(streaming(uri).frame())
    assert frame.tolist() == np.arange(12, 24).reshape(3, 4).tolist()


def test_what_was_announced_is_passed_on_once(tmp_path: Path):
    camera = streaming("file://localhost/nowhere/f.h5")

    async def collected() -> list[str]:
        with pytest.raises(CameraFaultError, match="cannot be read"):
            await camera.frame()
        camera.detector.collect_asset_docs = nothing  # pyright: ignore[reportAttributeAccessIssue]
        return [name async for name, _ in camera.collect_asset_docs()]

    async def nothing(index=None):
        for name in ():
            yield name

    assert asyncio.run(collected()) == ["stream_resource"]


def test_a_file_of_another_kind_is_a_fault():
    camera = streaming("file://localhost/f.tiff", mimetype="multipart/related;type=image/tiff")
    with pytest.raises(CameraFaultError, match="announced no HDF5 file for 'det'"):
        asyncio.run(camera.frame())
