"""Planes that show the same field: shift and focus breathing taken out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform

from ..errors import FusionError
from .even_detail import even_levels
from .motion import Motion
from .pair_motion import pair_motion
from .planes import PlaneReader, Planes, checked_positions, grey

__all__ = ["AlignedPlanes", "align_planes"]

# Neighbouring planes fade into one another, and planes far apart meet only at steps of the sample:
# less motion of the corners than this does no harm, and the focus itself may look like it.
LEAST_STEP_PX = 1.0
LEAST_MOTION_PX = 3.0
CERTAIN = 4.0
# Of the corners, from one plane to the next: beyond it the image would be doubled, not sharp.
MOST_SIGMA_PX = 1.0
LEAST_FIELD = 0.5
# A lens breathes alike from plane to plane, as far as the planes are evenly spaced. What does not
# is the blur's: where a transfer function changes its sign, detail seems to move outwards.
FEWEST_TO_COMPARE = 4
BREATHES_ALIKE = 0.75


@dataclass(frozen=True, eq=False)
class AlignedPlanes:
    """Planes of a stack that lie on one another, made when they are asked for.

    Parameters
    ----------
    planes : Planes
        The stack as it was taken.
    shifts_px : numpy.ndarray
        Shift of each plane against the middle one along rows and columns, shape (n, 2).
    magnifications : numpy.ndarray
        Magnification of each plane over that of the middle one, shape (n,).
    field : (slice, slice)
        Rows and columns of the middle plane that all planes show: what the aligned planes show.
    """

    planes: Planes
    shifts_px: NDArray[np.float64]
    magnifications: NDArray[np.float64]
    field: tuple[slice, slice]

    @property
    def untouched(self) -> bool:
        """Whether no plane needed anything: all come out as they are."""
        return not self.shifts_px.any() and bool((self.magnifications == 1).all())

    def __len__(self) -> int:
        """Count the planes."""
        return len(self.planes)

    def __iter__(self) -> Iterator[NDArray[np.number]]:
        """Make all planes in turn.

        Yields
        ------
        numpy.ndarray
            One plane.
        """
        for index in range(len(self)):
            yield self[index]

    def __getitem__(self, index: int) -> NDArray[np.number]:
        """Return one plane as the middle one sees it.

        Parameters
        ----------
        index : int
            From 0.

        Returns
        -------
        numpy.ndarray
            The common field, in the plane's own type and range.
        """
        plane = np.asarray(self.planes[index])
        shift, m = self.shifts_px[index], float(self.magnifications[index])
        if not shift.any() and m == 1:
            return plane[self.field]
        middle = (np.array(plane.shape[:2]) - 1) / 2
        first = np.array([cut.start for cut in self.field])
        row, col = middle + shift + m * (first - middle)
        matrix = np.array([[m, 0, row], [0, m, col], [0, 0, 1]])
        shape = tuple(cut.stop - cut.start for cut in self.field)
        out = np.empty((*shape, *plane.shape[2:]), dtype=plane.dtype)
        for c in np.ndindex(plane.shape[2:]):
            channel = plane[(..., *c)].astype(np.float32)
            moved = affine_transform(channel, matrix, output_shape=shape, mode="nearest")
            # Splines overshoot at edges; a camera's values do not.
            np.clip(moved, channel.min(), channel.max(), out=moved)
            out[(..., *c)] = np.rint(moved) if plane.dtype.kind in "ui" else moved
        return out


def align_planes(planes: Planes) -> AlignedPlanes:
    """Bring the planes of a focal stack into line.

    A stage that is not straight shifts the image from plane to plane, and most lenses change their
    magnification with focus. Both are told from neighbouring planes, which are blurred nearly
    alike, and added up from the middle plane. Planes are read one at a time, once. Where the motion
    of the corners is less than a pixel from plane to plane and three in all, or not certain, all
    planes come out as they are, bit for bit: blur that changes over the field looks like as much.

    Parameters
    ----------
    planes : Planes
        n planes (rows, cols) or (rows, cols, 3), in order of position.

    Returns
    -------
    AlignedPlanes
        The same planes as the middle one sees them, cut to the field that all of them show.

    Raises
    ------
    FusionError
        If the planes are malformed, two neighbours do not show enough in common, or too little of
        the field is common to all.
    """
    checked_positions(planes, np.arange(len(planes)))
    reader = PlaneReader(planes)
    found = _between_neighbours(reader)
    scatter = _scatter(found)
    steps = _breathing_alike(found, scatter)
    motions = _against_the_middle(steps)
    corner_px = float(np.hypot(reader.rows, reader.cols)) / 2
    if not _breathes(motions, scatter, corner_px):
        motions = [replace(motion, magnification=1.0) for motion in motions]
        steps = [replace(step, magnification=1.0) for step in steps]
    if not (
        any(_moved(step, corner_px, LEAST_STEP_PX) for step in steps)
        or any(_moved(motion, corner_px, LEAST_MOTION_PX) for motion in motions)
    ):
        motions = [Motion()] * len(motions)
    shifts = np.array([motion.shift_px for motion in motions])
    magnifications = np.array([motion.magnification for motion in motions])
    field = _common_field(shifts, magnifications, (reader.rows, reader.cols))
    return AlignedPlanes(planes, shifts, magnifications, field)


def _between_neighbours(reader: PlaneReader) -> list[Motion]:
    corner_px = float(np.hypot(reader.rows, reader.cols)) / 2
    out: list[Motion] = []
    before = even_levels(grey(reader[0]))
    for k in range(1, len(reader)):
        plane = even_levels(grey(reader[k]))
        motion = pair_motion(before, plane)
        if motion is None:
            raise FusionError(
                f"Planes {k - 1} and {k} do not show enough in common to bring them into line. "
                "Take planes closer to one another, leave out those that are blurred beyond "
                "recognition, or fuse without alignment if the camera saw the same field."
            )
        sigma = motion.corner_sigma_px(corner_px)
        if sigma > MOST_SIGMA_PX:
            raise FusionError(
                f"The motion from plane {k - 1} to {k} is known to {sigma:.1f} pixels at the "
                f"corners; at most {MOST_SIGMA_PX:g} will do. Take planes closer to one another, "
                "or fuse without alignment if the camera saw the same field."
            )
        out.append(motion)
        before = plane
    return out


def _against_the_middle(steps: list[Motion]) -> list[Motion]:
    middle = (len(steps) + 1) // 2
    out = [Motion()]
    for step in steps[middle:]:
        out.append(out[-1].then(step))
    for step in reversed(steps[:middle]):
        out.insert(0, out[0].then(step.inverse()))
    return out


def _scatter(steps: list[Motion]) -> float:
    """Return how much magnification scatters from step to step, odd steps aside."""
    if len(steps) < FEWEST_TO_COMPARE:
        return 0.0
    rates = np.array([step.magnification for step in steps])
    return 1.48 * float(np.median(np.abs(rates - np.median(rates))))


def _breathing_alike(steps: list[Motion], scatter: float) -> list[Motion]:
    """Give steps whose change of magnification is unlike all others the usual one."""
    if len(steps) < FEWEST_TO_COMPARE:
        return steps
    usual = float(np.median([step.magnification for step in steps]))
    out: list[Motion] = []
    for step in steps:
        least = CERTAIN * float(np.hypot(step.magnification_sigma, scatter))
        alike = abs(step.magnification - usual) <= max(least, BREATHES_ALIKE * abs(usual - 1))
        out.append(step if alike else replace(step, magnification=usual))
    return out


def _breathes(motions: list[Motion], scatter: float, corner_px: float) -> bool:
    """Whether magnification changes by more than it seems to change at random."""
    middle = len(motions) // 2
    for k, motion in enumerate(motions):
        sigma = float(np.hypot(motion.magnification_sigma, np.sqrt(abs(k - middle)) * scatter))
        if abs(motion.magnification - 1) > max(CERTAIN * sigma, LEAST_STEP_PX / corner_px):
            return True
    return False


def _moved(motion: Motion, corner_px: float, least_px: float) -> bool:
    moved_px = float(np.hypot(*motion.shift_px)) + corner_px * abs(motion.magnification - 1)
    return moved_px > max(least_px, CERTAIN * motion.corner_sigma_px(corner_px))


def _common_field(
    shifts: NDArray[np.float64], magnifications: NDArray[np.float64], shape: tuple[int, int]
) -> tuple[slice, slice]:
    cuts = []
    for axis, side in enumerate(shape):
        middle = (side - 1) / 2
        ends = np.array([0.0, side - 1.0])[:, None]
        seen = middle + (ends - middle - shifts[:, axis]) / magnifications
        first, last = int(np.ceil(seen[0].max() - 1e-9)), int(np.floor(seen[1].min() + 1e-9))
        if last - first + 1 < LEAST_FIELD * side:
            raise FusionError(
                f"Only {max(last - first + 1, 0)} of {side} {('rows', 'columns')[axis]} are seen "
                f"in all planes, less than {LEAST_FIELD:.0%}. Leave out the planes that are "
                "shifted most, or steady the stage."
            )
        cuts.append(slice(first, last + 1))
    return cuts[0], cuts[1]
