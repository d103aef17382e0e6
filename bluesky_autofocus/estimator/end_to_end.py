"""A network from pixels straight to a signed distance: what the estimator is compared with.

The supplement's section 4 finds that such a model errs in direction in a fifth of its answers: one
frame rarely tells on which side of focus it was taken. It is not used to focus.
"""

import hashlib
import json
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn
from torch.nn import functional

from ..errors import FrameError, WeightsError
from ..measures.frames import checked_frames
from ..optics import Optics
from ..optics.axis import U_SCALE_DOF

__all__ = ["SIDE", "EndToEndDistance", "EndToEndNetwork", "small_frame"]

SIDE = 256
"""Rows and columns to which a frame's central square is resampled."""

# The answer is kept where defocus is distinguishable at all.
FARTHEST_DOF = 200.0
SMALLEST_PX = 16
CHANNELS = (2, 16, 32, 64, 96, 112)
HIDDEN = 128
CARD = "end_to_end.json"


class EndToEndNetwork(nn.Module):
    """Strided convolutions on a small frame → distance and direction."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for k, (before, after) in enumerate(zip(CHANNELS[:-1], CHANNELS[1:], strict=True)):
            size = 5 if k == 0 else 3
            layers += [
                nn.Conv2d(before, after, size, stride=2, padding=size // 2, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(inplace=True),
            ]
        self.convolutions = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.Linear(2 * CHANNELS[-1] + 2, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 2)
        )

    def forward(self, images: Tensor, sampling: Tensor) -> Tensor:
        """Distance and direction.

        Shape: images (n, `SIDE`, `SIDE`) as `small_frame` gives them; sampling (n, 2), log q of
        the frame and of the small one; out (n, 2): ``asinh(U / 0.4)`` on one side of
        focus and the log odds of that side, against the other one.
        """
        contrast = images.std((1, 2), keepdim=True).clamp_min(1e-4)
        both = torch.stack([images, images / contrast], dim=1)
        # Channels last is a third faster on a CPU.
        seen = self.convolutions(both.contiguous(memory_format=torch.channels_last))
        pooled = torch.cat([seen.mean((2, 3)), seen.amax((2, 3)), sampling], dim=1)
        return self.head(pooled)


def small_frame(
    frame: NDArray[np.number], sampling_q: float
) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """Resample the central square of a frame, and say what became of its sampling.

    Parameters
    ----------
    frame : numpy.ndarray
        Grey levels, shape (rows, cols).
    sampling_q : float
        Sample pixel over ``λ / 4 NA``.

    Returns
    -------
    image : numpy.ndarray
        Relative to its mean, less 1; shape (`SIDE`, `SIDE`).
    sampling : (float, float)
        log q of the frame and of the image.
    """
    size = min(frame.shape)
    top, left = (frame.shape[0] - size) // 2, (frame.shape[1] - size) // 2
    square = np.ascontiguousarray(frame[top : top + size, left : left + size], dtype=np.float32)
    image = functional.adaptive_avg_pool2d(torch.from_numpy(square)[None], SIDE)[0]
    relative = (image / image.mean().clamp_min(1e-6) - 1).numpy()
    return relative, (float(np.log(sampling_q)), float(np.log(sampling_q * size / SIDE)))


class EndToEndDistance:
    """Signed distance of one frame from focus, by a network alone.

    It cannot say that it does not know: a frame that shows nothing gets a number, too.

    Parameters
    ----------
    optics : Optics
        Its sampling is told to the network.
    weights : str or Path, optional
        A safetensors file made by ``training.end_to_end``; default: those of the package, whose
        checksum is verified.

    Raises
    ------
    WeightsError
        If the file is missing, damaged, or of another network.
    """

    def __init__(self, optics: Optics, weights: str | Path | None = None) -> None:
        self._optics = optics
        self._network = _shipped_network() if weights is None else _network_of(Path(weights))

    def __call__(self, frame: ArrayLike) -> float:
        """Return the defocus in depths of field, negative below focus.

        Parameters
        ----------
        frame : array_like
            Grey levels, shape (rows, cols), at least 16 each.

        Returns
        -------
        float
            Signed U, at most 200 either way.

        Raises
        ------
        FrameError
            If it is not one frame of finite grey levels, or has no contrast at all.
        """
        array = checked_frames(frame, SMALLEST_PX)
        if array.ndim != 2:
            raise FrameError(
                f"One frame of two dimensions is measured, this has the shape {array.shape}. "
                "Give (height, width)."
            )
        image, sampling = small_frame(array, self._optics.sampling_q)
        if not np.isfinite(image).all():
            raise FrameError(
                "The frame holds NaN or infinite pixels, 0 are allowed. Replace them first."
            )
        if np.ptp(image) == 0:
            raise FrameError("All pixels are alike, so no distance can be told. Check the light.")
        with torch.inference_mode():
            out = self._network(torch.from_numpy(image)[None], torch.tensor([sampling]))[0]
        # What it is taught is the same for (d, odds) and (-d, -odds); either may come out.
        along, odds = float(out[0]), float(out[1])
        distance = U_SCALE_DOF * float(np.sinh(min(abs(along), 20)))
        return float(np.copysign(min(distance, FARTHEST_DOF), odds if along >= 0 else -odds))


def _shipped_network() -> EndToEndNetwork:
    folder = files("bluesky_autofocus.estimator") / "weights"
    expected = json.loads((folder / CARD).read_text())["sha256"]
    with as_file(folder / "end_to_end.safetensors") as path:
        return _network_of(path, expected)


def _network_of(path: Path, sha256: str | None = None) -> EndToEndNetwork:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"Weights {path} cannot be read: {error}. Check the path.") from error
    found = hashlib.sha256(content).hexdigest()
    if sha256 is not None and found != sha256:
        raise WeightsError(
            f"Weights {path} have the checksum {found}, {sha256} is expected: the file is damaged "
            "or not of this version. Install the package again."
        )
    network = EndToEndNetwork()
    try:
        network.load_state_dict(load(content))
    except (SafetensorError, RuntimeError) as error:
        raise WeightsError(
            f"Weights {path} are not those of the end-to-end network: {error}. "
            "Give a file that its training has written."
        ) from error
    return network.eval()
