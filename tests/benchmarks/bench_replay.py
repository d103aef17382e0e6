"""How many stored frames a second are estimated again, with one worker and with two.

Run with ``python tests/benchmarks/bench_replay.py [--runs 20] [--frames 20] [--side 1024]``. The
runs of a simulated sample are written into a catalog in a temporary folder, frames in HDF5 files,
with the estimates that a sensor would have recorded. Then all of them are replayed in this
process, and in two others. Rates are given with the start of the processes, which takes some
seconds once, and without it: from when each has done its first run. Processor time a frame says
what the rates would be on idle cores. Finally the same again shows what it costs when all has been
done before.
"""

import argparse
import resource
import tempfile
import time
from dataclasses import asdict, dataclass
from typing import Any

import h5py
import numpy as np
import torch
from event_model import compose_run
from numpy.typing import NDArray

from bluesky_autofocus.belief import estimated_values
from bluesky_autofocus.catalog import Catalog, Recorder, RunState, open_catalog
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.processor import DerivedRun
from bluesky_autofocus.replay import ReplayedRun, ReplayTask, replay_many

OPTICS = Optics(numerical_aperture=0.3, wavelength_um=0.55, magnification=10, pixel_um=3.45)
FULL_SCALE = 255.0


def planes(frames: int, side: int) -> list[NDArray[np.floating]]:
    """Render one sweep; every run holds it with noise of its own."""
    radiance = procedural_object("grain", (side + 256, side + 256), seed=1)
    renderer = Renderer(radiance, OPTICS, frame_shape=(side, side))
    return [renderer.image(u) * 0.4 for u in np.linspace(-30, 30, frames)]


def record_run(catalog: Catalog, images: list[NDArray[np.floating]], seed: int) -> str:
    """Write a run as a station would: frames in files, estimates in events."""
    estimator = SharpnessEstimator(OPTICS, full_scale=FULL_SCALE)
    bundle = compose_run(metadata={"autofocus": {"optics": asdict(OPTICS)}, "motors": ["stage"]})
    folder = catalog.storage.frames / f"bench-{seed}"
    folder.mkdir()
    documents: list[tuple[str, dict]] = [("start", dict(bundle.start_doc))]
    folder_of_frames = bundle.compose_resource(
        spec="AD_HDF5_SINGLE",
        root=str(folder),
        resource_path="",
        resource_kwargs={"template": "%s%s_%6.6d.h5", "filename": "frame", "frame_per_point": 1},
    )
    stream = None
    for number, image in enumerate(images):
        frame = expose(image, Sensor(bits=8), seed=1000 * seed + number)
        with h5py.File(folder / f"frame_{number:06d}.h5", "w") as file:
            file.create_dataset("entry/data/data", data=frame[None], chunks=(1, *frame.shape))
        values = {f"estimate_{k}": v for k, v in estimated_values(frame, estimator).items()}
        data = {"stage": float(number), **values}
        if stream is None:
            described = data_keys(data)
            described["camera_image"] = {
                "source": "file",
                "shape": [1, *frame.shape],
                "dtype": "array",
                "dtype_numpy": "|u1",
                "external": "FILESTORE:",
            }
            configuration = {
                "estimate": {
                    "data": {
                        "estimate_weights_sha256": estimator.weights_sha256,
                        "estimate_full_scale": FULL_SCALE,
                    },
                    "timestamps": {},
                    "data_keys": {},
                }
            }
            stream = bundle.compose_descriptor(
                name="primary", data_keys=described, configuration=configuration
            )
            documents += [
                ("descriptor", dict(stream.descriptor_doc)),
                ("resource", dict(folder_of_frames.resource_doc)),
            ]
        datum = folder_of_frames.compose_datum(datum_kwargs={"point_number": number})
        documents.append(("datum", dict(datum)))
        data["camera_image"] = datum["datum_id"]
        event = stream.compose_event(
            data=data,
            timestamps=dict.fromkeys(data, 0.0),
            filled={"camera_image": False},
        )
        documents.append(("event", dict(event)))
    documents.append(("stop", dict(bundle.compose_stop())))
    with Recorder(catalog) as recorder:
        for name, document in documents:
            recorder(name, document)
        recorder.flush(120)
    (run,) = recorder.runs
    assert run.state is RunState.WRITTEN, run.message
    return run.uid


def data_keys(data: dict) -> dict:
    """Return the data keys that a derived run gives to values."""
    documents: list[tuple[str, dict]] = []
    run = DerivedRun(lambda name, doc: documents.append((name, doc)), "0" * 36, {})
    run.event(data)
    return dict(documents[1][1]["data_keys"])


@dataclass(frozen=True)
class Rates:
    """Frames a second without and with the start of processes, and processor time a frame."""

    steady: float
    whole: float
    cpu_ms: float


def cpu_seconds() -> float:
    """Return the processor time of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def replayed(catalog: Catalog, uids: list[str], workers: int) -> Rates:
    """Replay all runs, and see that every estimate is the recorded one."""
    begin, cpu = time.monotonic(), cpu_seconds()
    done = []
    for run in replay_many(catalog, [ReplayTask(uid) for uid in uids], workers=workers):
        assert isinstance(run, ReplayedRun), run
        assert run.comparison is not None and run.comparison.is_identical
        done.append((time.monotonic(), len(run.frames)))
    end, frames = done[-1][0], sum(count for _, count in done)
    steady = sum(count for _, count in done[workers:]) / (end - done[workers - 1][0])
    return Rates(steady, frames / (end - begin), (cpu_seconds() - cpu) / frames * 1e3)


def forget(catalog: Catalog) -> None:
    """Remove the derived runs."""
    for uid in list(catalog.client):
        run: Any = catalog.client[uid]
        if "raw_uid" in run.metadata["start"]:
            run.delete(recursive=True, external_only=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--frames", type=int, default=20, help="frames a run")
    parser.add_argument("--side", type=int, default=1024, help="rows and columns of a frame")
    asked = parser.parse_args()

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder, open_catalog(folder) as catalog:
        images = planes(asked.frames, asked.side)
        uids = [record_run(catalog, images, seed) for seed in range(asked.runs)]
        print(f"{asked.runs} runs of {asked.frames} frames of {asked.side} x {asked.side} recorded")
        rates = {}
        for workers in (1, 2):
            forget(catalog)
            found = rates[workers] = replayed(catalog, uids, workers)
            print(
                f"{workers} worker(s): {found.steady:.1f} frames/s, {found.whole:.1f} with the "
                f"start of processes, {found.cpu_ms:.0f} ms of processor time a frame; identical"
            )
        print(f"ratio: {rates[2].steady / rates[1].steady:.2f}")
        again = replayed(catalog, uids, 1)
        print(f"again, all done before: {again.steady:.1f} frames/s")


if __name__ == "__main__":
    main()
