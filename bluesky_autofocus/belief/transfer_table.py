"""What defocus leaves of the power in each band of a frame's spectrum."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..optics import defocused_otf
from ..optics.sharpness import waves_per_dof
from .spectrum_layout import SpectrumLayout

__all__ = ["LARGEST_DOF", "TransferTable", "transfer_table"]

LARGEST_DOF = 400.0
"""Distance at which the table ends; beyond it nothing but noise is left."""

# Distances lie evenly in asinh(U / 0.3): 0.003 DoF apart at focus, 1 % apart far away.
SCALE_DOF = 0.3
STEP = 0.01
# Radii between which the transfer function is taken as straight: finer than the lowest bands.
RADII_A_STEP = 4
RADIUS_GROWTH = 1.02
# Power that a Hann window leaves at its own frequency, and at each neighbour along the radius.
LEAKAGE = (1 / 6, 2 / 3, 1 / 6)
NODES = (-0.4, -0.2, 0.0, 0.2, 0.4)
# No real pupil is ideal: its rings never are quite dark.
LEAST = 1e-9


class TransferTable:
    """Mean of |OTF|² in each band of a spectrum, by distance from focus.

    The window of the spectrum lets power of neighbouring frequencies into a band; the table
    contains that, so it can be compared with measured power band by band. The transfer function of
    the pixel is left out: it is the same at every distance.

    Parameters
    ----------
    layout : SpectrumLayout
        Where the bands lie.
    sampling_q : float
        Sample pixel over ``λ / 4 NA``.
    """

    def __init__(self, layout: SpectrumLayout, sampling_q: float) -> None:
        rows = int(np.ceil(np.arcsinh(LARGEST_DOF / SCALE_DOF) / STEP)) + 2
        u_dof = SCALE_DOF * np.sinh(STEP * np.arange(rows))
        radii = _radii(layout)
        s = 4 * radii / sampling_q
        waves = u_dof * waves_per_dof(sampling_q)
        power = defocused_otf(s[None, :], waves[:, None]) ** 2
        mean = power @ _band_weights(layout, radii).T
        self._table = np.asarray(np.maximum(mean, LEAST), dtype=np.float32)

    def power(self, distance_dof: NDArray[np.floating]) -> NDArray[np.float32]:
        """Share of the power that is left at each distance.

        Parameters
        ----------
        distance_dof : numpy.ndarray
            Distances from focus in depths of field, either sign, shape (n,).

        Returns
        -------
        numpy.ndarray
            Shape (n, bands), from 1e-9 to 1.
        """
        distance = np.minimum(np.abs(distance_dof), LARGEST_DOF)
        place = np.arcsinh(distance / SCALE_DOF) / STEP
        index = place.astype(np.intp)
        share = (place - index).astype(np.float32)[:, None]
        out = self._table[index + 1]
        out -= self._table[index]
        out *= share
        out += self._table[index]
        return out


@lru_cache(maxsize=8)
def transfer_table(layout: SpectrumLayout, sampling_q: float) -> TransferTable:
    """Table of a layout and a sampling: built on first use, then cached.

    Parameters
    ----------
    layout : SpectrumLayout
        Where the bands lie.
    sampling_q : float
        Sample pixel over ``λ / 4 NA``.

    Returns
    -------
    TransferTable
        The table.
    """
    return TransferTable(layout, sampling_q)


def _radii(layout: SpectrumLayout) -> NDArray[np.float64]:
    """Frequencies in cycles per pixel at which the transfer function is evaluated."""
    step = float(layout.step_per_px.min()) / RADII_A_STEP
    highest = float(layout.high_per_px.max() + layout.step_per_px.max())
    radii = [0.0]
    while radii[-1] < highest:
        radii.append(max(radii[-1] + step, radii[-1] * RADIUS_GROWTH))
    return np.array(radii)


def _band_weights(layout: SpectrumLayout, radii: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of each radius in each band, shape (bands, radii)."""
    middle = (layout.low_per_px + layout.high_per_px) / 2
    width = layout.high_per_px - layout.low_per_px
    out = np.zeros((middle.size, radii.size))
    rows = np.arange(middle.size)
    for leaked, share in zip((-1, 0, 1), LEAKAGE, strict=True):
        for node in NODES:
            at = np.maximum(middle + node * width + leaked * layout.step_per_px, 0)
            after = np.clip(np.searchsorted(radii, at), 1, radii.size - 1)
            above = (at - radii[after - 1]) / (radii[after] - radii[after - 1])
            np.add.at(out, (rows, after), share / len(NODES) * above)
            np.add.at(out, (rows, after - 1), share / len(NODES) * (1 - above))
    return out
