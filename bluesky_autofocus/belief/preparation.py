"""What takes long once for each shape of frame, done before the first frame is there."""

import numpy as np

from ..estimator import SharpnessEstimator
from .frame_spectrum import SMALLEST_PX
from .observation import observe
from .spectrum_layout import SpectrumLayout
from .transfer_table import transfer_table

__all__ = ["prepare"]


def prepare(shape: tuple[int, int], estimator: SharpnessEstimator) -> None:
    """Build tables and fill caches, so that the first frame is as quick as those that follow.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the frames to come; nothing is done for frames that are too small.
    estimator : SharpnessEstimator
        Of the imaging system that will take them.
    """
    if min(shape) < SMALLEST_PX:
        return
    transfer_table(SpectrumLayout(*shape), estimator.optics.sampling_q)
    # Noise, because a frame without any passes by some of the work.
    observe(np.random.default_rng(0).integers(1, 256, shape, dtype=np.uint8), estimator)
