"""From a scene to the frame that the camera delivers: faults, region of interest, binning."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from devices.sim.faults import Faults
from devices.sim.scene import Scene

__all__ = ["Exposure", "Region", "flicker", "read_out", "take"]


@dataclass(frozen=True)
class Region:
    """The part of the sensor that is read, as areaDetector describes it.

    Parameters
    ----------
    min_x, min_y : int
        First column and row, unbinned pixels.
    size_x, size_y : int
        Columns and rows, unbinned pixels.
    bin_x, bin_y : int
        Columns and rows that are summed into one pixel of the frame.
    reverse_x, reverse_y : bool
        Mirror the region left to right, top to bottom.
    """

    min_x: int
    min_y: int
    size_x: int
    size_y: int
    bin_x: int = 1
    bin_y: int = 1
    reverse_x: bool = False
    reverse_y: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a frame; pixels that fill no whole bin are left out."""
        return self.size_y // self.bin_y, self.size_x // self.bin_x

    def fitted(self, rows: int, columns: int) -> "Region":
        """Return the region cut down to a sensor, in the order in which ADSimDetector does it.

        Parameters
        ----------
        rows, columns : int
            Size of the sensor.

        Returns
        -------
        Region
            The start is moved onto the sensor, then the size is cut at its edge, then the bins
            at the size.
        """
        min_x = min(max(self.min_x, 0), columns - 1)
        min_y = min(max(self.min_y, 0), rows - 1)
        size_x = min(max(self.size_x, 1), columns - min_x)
        size_y = min(max(self.size_y, 1), rows - min_y)
        return replace(
            self,
            min_x=min_x,
            min_y=min_y,
            size_x=size_x,
            size_y=size_y,
            bin_x=min(max(self.bin_x, 1), size_x),
            bin_y=min(max(self.bin_y, 1), size_y),
        )


@dataclass(frozen=True)
class Exposure:
    """The camera settings in force for one frame.

    Parameters
    ----------
    exposure_s : float
        Exposure time, seconds.
    period_s : float
        Time from the start of one exposure to the start of the next, seconds.
    gain : float
        Gain; 1 is the sensor's native gain.
    region : Region
        The part of the sensor that is read.
    """

    exposure_s: float
    period_s: float
    gain: float
    region: Region


def read_out(
    full_frame: NDArray[np.unsignedinteger], region: Region, full_scale: int
) -> NDArray[np.unsignedinteger]:
    """Cut the region of interest out of a full frame, mirror it and sum its bins.

    Parameters
    ----------
    full_frame : numpy.ndarray
        Shape (rows, columns), unsigned.
    region : Region
        Region that lies on the sensor.
    full_scale : int
        Sums are clipped here. (areaDetector lets them wrap around instead.)

    Returns
    -------
    numpy.ndarray
        Shape `region.shape`, the type of `full_frame`, C-contiguous.
    """
    part = full_frame[
        region.min_y : region.min_y + region.size_y, region.min_x : region.min_x + region.size_x
    ]
    if region.reverse_x:
        part = part[:, ::-1]
    if region.reverse_y:
        part = part[::-1, :]
    if region.bin_x > 1 or region.bin_y > 1:
        rows, columns = region.shape
        whole = part[: rows * region.bin_y, : columns * region.bin_x]
        bins = whole.reshape(rows, region.bin_y, columns, region.bin_x)
        sums = bins.sum(axis=(1, 3), dtype=np.uint64)
        part = np.minimum(sums, full_scale).astype(full_frame.dtype)
    return np.ascontiguousarray(part)


def flicker(relative_sigma: float, *, seed: int, index: int) -> float:
    """Return the factor on the light of one frame.

    Parameters
    ----------
    relative_sigma : float
        Standard deviation of the factor around 1; 0 is steady light.
    seed, index : int
        Of the camera and of the frame: the same pair gives the same factor.

    Returns
    -------
    float
        Factor, never negative.
    """
    if relative_sigma <= 0:
        return 1.0
    return max(0.0, float(np.random.default_rng([seed, index]).normal(1.0, relative_sigma)))


def take(
    scene: Scene,
    position: float,
    exposure: Exposure,
    faults: Faults,
    *,
    bits: int,
    index: int,
    seed: int,
) -> NDArray[np.unsignedinteger]:
    """Take one frame with the faults that change its pixels or its shape.

    Parameters
    ----------
    scene : Scene
        What the camera sees.
    position : float
        Stage position in engineering units.
    exposure : Exposure
        Camera settings.
    faults : Faults
        Dark, saturate, flicker and wrong shape are applied; the others are not the pixels' matter.
    bits : int
        Depth of the converter, 8 to 16.
    index : int
        Number of the exposure: the seed of its noise.
    seed : int
        Seed of the flicker.

    Returns
    -------
    numpy.ndarray
        Shape of the region, or half of it each way under the wrong-shape fault; uint8 for 8 bits,
        else uint16. Not writeable.

    Raises
    ------
    ValueError
        If the scene hands out a frame of another shape or type than it promised.
    """
    light = 0.0 if faults.camera_dark else flicker(faults.camera_flicker, seed=seed, index=index)
    full = scene.frame(
        position,
        exposure_s=exposure.exposure_s,
        gain=exposure.gain,
        bits=bits,
        index=index,
        light=light,
    )
    expected = np.dtype(np.uint8 if bits == 8 else np.uint16)
    if full.shape != scene.shape or full.dtype != expected:
        raise ValueError(
            f"The scene gave a frame of shape {full.shape} and type {full.dtype}; "
            f"{bits} bits on this sensor are {scene.shape} and {expected}. Correct the scene."
        )
    full_scale = 2**bits - 1
    frame = read_out(full, exposure.region, full_scale)
    if faults.camera_saturate:
        frame = np.full_like(frame, full_scale)
    if faults.camera_wrong_shape:
        rows, columns = frame.shape
        frame = np.ascontiguousarray(frame[: max(1, rows // 2), : max(1, columns // 2)])
    if not frame.flags.owndata or np.shares_memory(frame, full):
        frame = frame.copy()
    frame.flags.writeable = False
    return frame
