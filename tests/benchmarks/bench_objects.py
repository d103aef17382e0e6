"""The search by belief on objects that nobody in this project made, rendered around their focus.

Run ``python tests/benchmarks/bench_objects.py --objects DIR``: each image below the folder is an
object, each channel of an image of several; scenes, light, stage and noise are those of
``bluesky-autofocus benchmark search`` in the window of ±50 depths of field.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from math import ceil
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.stats import binomtest

from bluesky_autofocus.benchmark import Conditions
from bluesky_autofocus.benchmark.scenes import LIGHTS, SceneSpec, draw_scenes
from bluesky_autofocus.benchmark.searches import SearchRow
from bluesky_autofocus.benchmark.searches.look import SeenScene
from bluesky_autofocus.benchmark.searches.summary import summarised
from bluesky_autofocus.benchmark.searches.tasks import draw_tasks
from bluesky_autofocus.benchmark.searches.trial import Trial, tried
from bluesky_autofocus.cli.benchmark.progress import shown_progress
from bluesky_autofocus.imaging import image_object
from bluesky_autofocus.imaging.image_file import read_image
from bluesky_autofocus.search import BELIEF

OBJECTS = Path(__file__).parents[2] / ".." / "shared" / "data" / "objects"
HALF_DOF, SIDE_PX = 50.0, 512
IMAGES = (".png", ".jpg", ".tif", ".tiff")
ALL = "all"


@dataclass(frozen=True)
class Image:
    """An image file, or one channel of it."""

    path: Path
    channel: int | None = None

    @property
    def name(self) -> str:
        """What its row is called."""
        return self.path.stem if self.channel is None else f"{self.path.stem}:{self.channel}"

    def read(self) -> NDArray[np.number]:
        """Return its grey levels."""
        if self.channel is None:
            return read_image(self.path)
        return tifffile.imread(self.path)[self.channel]


def main() -> None:
    """Print a row an object, and one for all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=Path, default=OBJECTS, help="folder with images")
    parser.add_argument("--runs", type=int, default=324, help="at least so many in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--json", action="store_true", help="one JSON object, no table")
    options = parser.parse_args()
    images = images_below(options.objects)
    if not images:
        parser.error(f"there is no image below {options.objects}; give a folder with some")
    with shown_progress() as track:
        conditions = Conditions(options.seed, None, options.workers, track)
        trials = searched(images, conditions, options.runs)
    if options.json:
        print(json.dumps(as_plain(trials, options.seed)))
    else:
        Console().print(as_table(trials))


def images_below(folder: Path) -> list[Image]:
    """Return the images below a folder; the channels of a TIFF one by one."""
    found: list[Image] = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in IMAGES):
        channels = channels_of(path)
        found += [Image(path)] if channels is None else [Image(path, c) for c in range(channels)]
    return found


def channels_of(path: Path) -> int | None:
    """Return how many planes a TIFF file has; None if it is one image, grey or colour."""
    if path.suffix.lower() not in (".tif", ".tiff"):
        return None
    with tifffile.TiffFile(path) as file:
        shape = file.series[0].shape
    return shape[0] if len(shape) == 3 and shape[-1] not in (3, 4) else None


def searched(images: Sequence[Image], conditions: Conditions, runs: int) -> list[Trial]:
    """Search each object as often as any other, in all lights."""
    scenes = len(images) * ceil(runs / (len(images) * len(LIGHTS)))
    by_name = {image.name: image for image in images}
    specs = draw_scenes(
        conditions.seed,
        "search",
        scenes,
        side_px=SIDE_PX,
        contrast=(1.0, 1.0),
        families=list(by_name),
    )
    return conditions.each(partial(trials_on, by_name), specs, "objects")


def trials_on(images: dict[str, Image], spec: SceneSpec) -> list[Trial]:
    """Search one object once in each light."""
    pixels = images[spec.family].read()
    scene = SeenScene(spec, partial(image_object, pixels))
    tasks = draw_tasks(spec, HALF_DOF, starts=1, stream=round(HALF_DOF))
    return [tried(BELIEF, scene, task, None) for task in tasks]


def rows_of(trials: Sequence[Trial]) -> dict[str, SearchRow]:
    """Summarise by object, by light, and all."""
    names = dict.fromkeys(t.family for t in trials)
    rows = {name: summarised([t for t in trials if t.family == name]) for name in names}
    rows |= {light: summarised([t for t in trials if t.light == light]) for light in LIGHTS}
    return rows | {ALL: summarised(trials)}


def interval_of(row: SearchRow) -> tuple[float, float]:
    """Return Wilson's interval of the success, 95 %."""
    test = binomtest(round(row.success * row.runs), row.runs)
    interval = test.proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def as_plain(trials: Sequence[Trial], seed: int) -> dict[str, object]:
    """Return rows, intervals, and each search that did not end in focus."""
    rows = rows_of(trials)
    return {
        "seed": seed,
        "rows": {
            name: {**finite(asdict(row)), "success_interval": interval_of(row)}
            for name, row in rows.items()
        },
        "failures": [asdict(t) for t in trials if not t.succeeded],
    }


def finite(values: dict[str, object]) -> dict[str, object]:
    """Replace what JSON does not have."""
    return {key: None if value != value else value for key, value in values.items()}


def as_table(trials: Sequence[Trial]) -> Table:
    """Return the table of the rows."""
    table = Table("object", "runs", "within ½ DoF", "95 %", "false", "frames", "error, DoF", "else")
    for name, row in rows_of(trials).items():
        low, high = interval_of(row)
        refused = {v: n for v, n in row.verdicts.items() if v != "in_focus"}
        table.add_row(
            name,
            str(row.runs),
            f"{row.success:.1%}",
            f"{low:.1%} to {high:.1%}",
            str(round(row.false_in_focus * row.runs)),
            f"{row.frames_median:g} / {row.frames_p95:g}",
            f"{row.error_median_dof:.2f} / {row.error_p95_dof:.2f}",
            ", ".join(f"{n} {v}" for v, n in refused.items()),
        )
    return table


if __name__ == "__main__":
    main()
