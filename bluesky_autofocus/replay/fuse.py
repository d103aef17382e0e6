"""A stored focal stack becomes one sharp image with its heights, as a derived run."""

import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from event_model import compose_run
from numpy.typing import NDArray

from .. import __version__
from ..catalog import Catalog
from ..errors import FusionError
from ..fusion import WINDOW_PX, FusedStack, fuse_stack
from ..processor import derived_uid
from .derived_store import find_derived, publish
from .fused_file import ARRAYS, read_fused, write_fused
from .stack_source import StackSource

__all__ = ["FusedRun", "fuse_planes", "fuse_run"]

logger = logging.getLogger(__name__)

FOLDER = "fused"
QUALITY = ("valid_share", "edge_share", "median_sigma", "sharpness_gain")


@dataclass(frozen=True, eq=False)
class FusedRun:
    """A stored run as one sharp image.

    Parameters
    ----------
    uid, derived_uid : str
        The run, and the one derived from it; both in the catalog.
    done_before : bool
        Whether the derived run was in the catalog already.
    image, height, sigma, valid : numpy.ndarray
        As of `FusedStack`; heights in the stage's unit.
    positions : numpy.ndarray
        Of the planes.
    unit : str
        Of positions and heights.
    quality : dict of str to float
        Share of valid pixels and of those that are sharpest in the first or last plane; median
        standard deviation of the valid heights; sharpness over that of the sharpest plane.
    note : str
        What should be known, such as that the planes could not be brought into line; or empty.
    path : pathlib.Path
        The HDF5 file that holds the arrays.
    """

    uid: str
    derived_uid: str
    done_before: bool
    image: NDArray[np.number]
    height: NDArray[np.float32]
    sigma: NDArray[np.float32]
    valid: NDArray[np.bool_]
    positions: NDArray[np.float64]
    unit: str
    quality: dict[str, float]
    note: str
    path: Path


def fuse_run(
    catalog: Catalog, uid: str, *, align: bool = True, window_px: float = WINDOW_PX
) -> FusedRun:
    """Fuse the focal stack of a stored run, and put the result into the catalog.

    The arrays go into an HDF5 file beside the camera's frames, all else into a derived run that
    names the frames it comes from. The same work is done once: a second call reads it.

    Parameters
    ----------
    catalog : Catalog
        Where the run is, and where the derived run goes.
    uid : str
        A run of `focus_stack`, or any run of one stage and one camera whose frames show one field.
    align : bool, default True
        Whether shift and focus breathing are taken out, where the planes tell them.
    window_px : float, default 6
        Standard deviation of the smallest window for heights, pixels.

    Returns
    -------
    FusedRun
        Image, heights, and how good they are.

    Raises
    ------
    AutofocusError
        If the run or its frames are missing, cannot be fused, or the catalog does not take the
        derived run.
    """
    source = StackSource.find(catalog, uid)
    settings = {"version": __version__, "align": align, "window_px": float(window_px)}
    metadata = {
        "raw_uid": source.run.uid,
        "purpose": "fused_stack",
        "processor": {**settings, **source.describe()},
    }
    new = derived_uid(metadata)
    path = catalog.storage.frames / FOLDER / f"{new}.h5"
    stored = find_derived(catalog, new) if path.exists() else None
    if stored is None:
        stack, note = fuse_planes(source.planes, source.positions, align=align, window_px=window_px)
        attributes = {"raw_uid": source.run.uid, "derived_uid": new, "unit": source.unit}
        write_fused(stack, path, attributes)
        find_derived(catalog, new)
        publish(catalog, _documents(new, metadata, source, stack, note, path))
        said: dict[str, Any] = {**asdict(stack.quality), "note": note}
    else:
        event = stored.events()[0]
        said = {name: event[f"fused_{name}"] for name in (*QUALITY, "note")}
    return FusedRun(
        uid=source.run.uid,
        derived_uid=new,
        done_before=stored is not None,
        **read_fused(path),
        positions=source.positions,
        unit=source.unit,
        quality={name: float(said[name]) for name in QUALITY},
        note=str(said["note"]),
        path=path,
    )


def fuse_planes(
    planes: Any, positions: NDArray[np.float64], *, align: bool, window_px: float
) -> tuple[FusedStack, str]:
    """Fuse planes, as they are where they cannot be brought into line.

    Parameters
    ----------
    planes : Planes
        The planes.
    positions : numpy.ndarray
        Of each, rising.
    align : bool
        Whether to try to bring them into line.
    window_px : float
        As of `fuse_stack`.

    Returns
    -------
    stack : FusedStack
        The result.
    note : str
        Why they were not brought into line; empty otherwise.

    Raises
    ------
    FusionError
        If they cannot be fused at all.
    """
    note = ""
    if align:
        try:
            return fuse_stack(planes, positions, window_px=window_px), note
        except FusionError as error:
            note = f"The planes are fused as they are. {error}"
            logger.info(note)
    return fuse_stack(planes, positions, align=False, window_px=window_px), note


def _documents(
    uid: str,
    metadata: dict[str, Any],
    source: StackSource,
    stack: FusedStack,
    note: str,
    path: Path,
) -> list[tuple[str, dict[str, Any]]]:
    """Compose the derived run: one event for the image, one for each plane."""
    run = compose_run(uid=uid, metadata=metadata)
    out: list[tuple[str, dict[str, Any]]] = [("start", dict(run.start_doc))]
    now = float(run.start_doc["time"])
    units = {"height": source.unit, "sigma": source.unit, "median_sigma": source.unit}
    keys: dict[str, Any] = {}
    for name in ARRAYS:
        values = getattr(stack, name)
        kind = np.dtype(np.uint8) if values.dtype == np.bool_ else values.dtype
        keys[f"fused_{name}"] = {
            "source": "bluesky_autofocus", "external": "STREAM:", "dtype": "array",
            "dtype_numpy": kind.str, "shape": list(values.shape), "units": units.get(name, ""),
        }  # fmt: skip
    field = [cut.start for cut in stack.field]
    data: dict[str, Any] = {
        **{f"fused_{name}": value for name, value in asdict(stack.quality).items()},
        "fused_row": int(field[0]),
        "fused_column": int(field[1]),
        "fused_note": note,
    }
    _add(out, run, "primary", [data], units, now, keys)
    described: Any = out[-2][1]
    compose_resource: Any = run.compose_stream_resource
    for name in ARRAYS:
        resource = compose_resource(
            data_key=f"fused_{name}",
            mimetype="application/x-hdf5",
            uri=path.resolve().as_uri().replace("file:///", "file://localhost/"),
            parameters={"dataset": name, "chunk_shape": (1,), "swmr": False},
        )
        out.append(("stream_resource", dict(resource.stream_resource_doc)))
        datum = resource.compose_stream_datum(indices={"start": 0, "stop": 1}, descriptor=described)
        out.append(("stream_datum", dict(datum)))
    planes = [
        {
            "plane_position": float(z),
            "plane_raw_seq_num": int(number),
            "plane_row_shift": float(shift[0]),
            "plane_column_shift": float(shift[1]),
            "plane_magnification": float(m),
        }
        for z, number, shift, m in zip(
            source.positions, source.seq_nums, stack.shifts, stack.magnifications, strict=True
        )
    ]
    said = {"plane_position": source.unit, "plane_row_shift": "px", "plane_column_shift": "px"}
    _add(out, run, "planes", planes, said, now, {})
    out.append(("stop", dict(run.compose_stop())))
    return out


def _add(
    out: list[tuple[str, dict[str, Any]]],
    run: Any,
    stream: str,
    rows: list[dict[str, Any]],
    units: dict[str, str],
    now: float,
    more: dict[str, Any],
) -> None:
    """Add a stream with its descriptor and events."""
    kinds: dict[type, str] = {int: "integer", float: "number", str: "string"}
    keys = {
        name: {
            "source": "bluesky_autofocus",
            "dtype": kinds[type(value)],
            "shape": [],
            "units": units.get(name.partition("_")[2] if name not in units else name, ""),
        }
        for name, value in rows[0].items()
    }
    bundle = run.compose_descriptor(name=stream, data_keys={**keys, **more})
    out.append(("descriptor", dict(bundle.descriptor_doc)))
    for row in rows:
        event = bundle.compose_event(
            data=row, timestamps=dict.fromkeys(row, now), validate=not more
        )
        out.append(("event", dict(event)))
