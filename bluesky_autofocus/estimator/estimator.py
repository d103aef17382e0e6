"""The estimator: frames in, sharpness and distance with their uncertainty out."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike

from ..errors import FrameError, OpticsError
from ..optics import Optics
from .distribution import GRID_U_DOF, moments, quantile_dof, sharpness_of_grid
from .estimate import IN_FOCUS_DOF, FrameEstimate, mass_within
from .features import map_features, summary_features
from .frames import Exposure, checked_frame, exposure
from .light import mark_light
from .pair_network import SIGNED_U_DOF
from .pyramid import STRIDES_PX, cell_centres
from .sharpness_map import SharpnessMap
from .signed_map import SignedMap, signed_map
from .validity import Validity, code_of
from .weights import Weights, load_weights

__all__ = ["SharpnessEstimator"]

Q_LOW, Q_HIGH = 0.5, 3.3
NOTHING_SHARE = 0.5
# Mean log power of a cell without any structure, not even noise: a thousandth of a grey level.
EVEN_LOG_POWER = -19.0
STEP_LIMITS_DOF = (0.05, 220.0)


@lru_cache(maxsize=4)
def _shipped(device: str) -> Weights:
    return load_weights(None, device)


class SharpnessEstimator:
    """Sharpness of frames from one imaging system.

    The same frame and the same weights give the same answer, bit for bit, on the same machine and
    the same kind of device.

    Parameters
    ----------
    optics : Optics
        The imaging system. Its sampling q must lie from 0.5 to 3.3, which is what the networks have
        been trained for; bin or enlarge frames outside, and give the pixel that they then have.
    full_scale : float, optional
        Grey level at which the camera saturates; default: see `frames.exposure`.
    weights : path, optional
        Weights made by ``bluesky-autofocus train``; default: those of the package.
    device : str, default "cpu"
        Where to compute, such as ``cuda``.

    Raises
    ------
    OpticsError
        If the optics are not `Optics`, or sampled outside the range.
    FrameError
        If full scale is not a positive number.
    WeightsError
        If the weights are missing, damaged or foreign.
    """

    def __init__(
        self,
        optics: Optics,
        *,
        full_scale: float | None = None,
        weights: str | Path | None = None,
        device: str = "cpu",
    ) -> None:
        if not isinstance(optics, Optics):
            raise OpticsError(
                f"The optics are {optics!r}; the estimator measures in depths of field and needs "
                "them. Give Optics(numerical_aperture, wavelength_um, magnification, pixel_um)."
            )
        if not Q_LOW <= optics.sampling_q <= Q_HIGH:
            raise OpticsError(
                f"The sampling is q = {optics.sampling_q:.2f} (pixel over λ / 4 NA at the sample); "
                f"it must lie from {Q_LOW} to {Q_HIGH}. Bin the frames if it is below, and give "
                "the pixel they then have; if it is above, use more magnification."
            )
        if full_scale is not None and not (np.isfinite(full_scale) and full_scale > 0):
            raise FrameError(
                f"Full scale is {full_scale}; give the grey level at which the camera saturates."
            )
        self.optics = optics
        self.full_scale = full_scale
        self.device = device
        self._weights = _shipped(device) if weights is None else load_weights(weights, device)
        self._log_q = torch.tensor([[np.log(optics.sampling_q)]], dtype=torch.float32).to(device)
        self._clipped = sharpness_of_grid(optics)
        self._unclipped = sharpness_of_grid(optics, clipped=False)
        self._signed = optics.sharpness(SIGNED_U_DOF)

    @property
    def weights_sha256(self) -> str:
        """Checksum of the weights."""
        return self._weights.sha256

    @property
    def version(self) -> str:
        """Name of the weights."""
        return self._weights.version

    @torch.inference_mode()
    def summary(self, frame: ArrayLike) -> FrameEstimate:
        """Estimate a frame as a whole, from some 60 of its tiles.

        Parameters
        ----------
        frame : array_like
            Grey levels, shape (rows, cols).

        Returns
        -------
        FrameEstimate
            Sharpness, distance, uncertainty, validity.

        Raises
        ------
        FrameError
            If the frame cannot be estimated.
        """
        array = checked_frame(frame)
        light = exposure(array, self.full_scale)
        return self._summary(summary_features(array, self.device)[None], light)

    @torch.inference_mode()
    def __call__(self, frame: ArrayLike) -> SharpnessMap:
        """Estimate every cell of a frame, and the frame as a whole.

        Parameters
        ----------
        frame : array_like
            Grey levels, shape (rows, cols).

        Returns
        -------
        SharpnessMap
            Cells of 64 pixels.

        Raises
        ------
        FrameError
            If the frame cannot be estimated.
        """
        array = checked_frame(frame)
        light = exposure(array, self.full_scale)
        whole = summary_features(array, self.device)[None]
        summary = self._summary(whole, light)
        features = map_features(array, self.device)
        logits = self._weights.maps(
            tuple(level[None] for level in features.levels),
            whole,
            array.shape,
            self._log_q,
            self._saturated(light),
        )[0].permute(1, 2, 0)
        scaled = torch.softmax(logits / self._weights.calibration.map_temperature, dim=-1)
        probabilities = scaled.cpu().numpy()
        nothing = probabilities[..., -1]
        distribution = probabilities[..., :-1] / probabilities[..., :-1].sum(-1, keepdims=True)
        sharpness, std = moments(distribution, self._clipped)
        _, distance_std = moments(distribution, GRID_U_DOF)
        codes = np.zeros(nothing.shape, dtype=np.uint8)
        codes[std > self._weights.calibration.map_certain_std] = code_of(Validity.UNCERTAIN)
        even = features.levels[0].mean(0).cpu().numpy() < EVEN_LOG_POWER
        codes[(nothing > NOTHING_SHARE) | even] = code_of(Validity.NO_TEXTURE)
        mark_light(codes, array, light)
        return SharpnessMap(
            sharpness=sharpness.astype(np.float32),
            sharpness_std=std.astype(np.float32),
            distance_dof=quantile_dof(distribution, 0.5).astype(np.float32),
            distance_std_dof=distance_std.astype(np.float32),
            validity_codes=codes,
            row_px=cell_centres(array.shape[0], STRIDES_PX[0]),
            col_px=cell_centres(array.shape[1], STRIDES_PX[0]),
            probabilities=distribution,
            summary=summary,
        )

    @torch.inference_mode()
    def pair(self, frame_a: ArrayLike, frame_b: ArrayLike, step_dof: float) -> SignedMap:
        """Estimate the signed defocus of every cell from two frames of one field.

        Parameters
        ----------
        frame_a, frame_b : array_like
            Grey levels, shape (rows, cols) both.
        step_dof : float
            Defocus of the second frame less that of the first, depths of field: what the stage
            moved. A third to once the distance from focus is best.

        Returns
        -------
        SignedMap
            Of the first frame.

        Raises
        ------
        FrameError
            If a frame cannot be estimated, the shapes differ, or the step is not finite, or below
            0.05 or above 220 depths of field.
        """
        a, b = checked_frame(frame_a), checked_frame(frame_b)
        if a.shape != b.shape:
            raise FrameError(
                f"The frames have shapes {a.shape} and {b.shape}; give two frames of one field."
            )
        low, high = STEP_LIMITS_DOF
        if not (np.isfinite(step_dof) and low <= abs(step_dof) <= high):
            raise FrameError(
                f"The step is {step_dof} depths of field; it must lie from {low} to {high}, either "
                "sign. Give what the stage moved over the depth of field."
            )
        parts = []
        for array in (a, b):
            light = exposure(array, self.full_scale)
            levels = tuple(level[None] for level in map_features(array, self.device).levels)
            net = self._weights.maps
            whole = summary_features(array, self.device)[None]
            codes = net.codes(levels, whole, array.shape, self._log_q, self._saturated(light))
            cells = np.zeros(codes.shape[2:], dtype=np.uint8)
            mark_light(cells, array, light)
            log_p = torch.log_softmax(net.leave(codes), dim=1)
            parts.append((levels, log_p[:, :-1], codes, cells, log_p[0, -1].exp().cpu().numpy()))
        (levels_a, log_a, codes_a, bad_a, none_a), (levels_b, log_b, codes_b, bad_b, none_b) = parts
        step = torch.tensor([[step_dof]], dtype=torch.float32, device=self.device)
        logits = self._weights.pairs(
            levels_a, levels_b, log_a, log_b, codes_a, codes_b, a.shape, self._log_q, step
        )[0].permute(1, 2, 0)
        scaled = torch.softmax(logits / self._weights.calibration.pair_temperature, dim=-1)
        p = scaled.cpu().numpy()
        nothing = (none_a > NOTHING_SHARE) & (none_b > NOTHING_SHARE)
        return signed_map(
            p,
            curve=self._signed,
            shape=a.shape,
            bad=(bad_a > 0) | (bad_b > 0) | nothing,
            calibration=self._weights.calibration,
        )

    def _summary(self, whole: torch.Tensor, light: Exposure) -> FrameEstimate:
        logits = self._weights.summary(whole, self._log_q, self._saturated(light))[0]
        calibration = self._weights.calibration
        p = torch.softmax(logits / calibration.summary_temperature, dim=0).cpu().numpy()
        p = p.astype(float)
        nothing = float(p[-1])
        distribution = p[:-1] / max(p[:-1].sum(), 1e-12)
        sharpness, std = moments(distribution, self._clipped)
        validity = light.validity
        if validity is Validity.GOOD and (
            nothing > calibration.nothing_share or not light.contrast
        ):
            validity = Validity.NO_TEXTURE
        elif validity is Validity.GOOD and std > calibration.summary_certain_std:
            validity = Validity.UNCERTAIN
        within = float(mass_within(distribution, IN_FOCUS_DOF))
        return FrameEstimate(
            sharpness=float(sharpness),
            sharpness_unclipped=float(distribution @ self._unclipped),
            sharpness_std=float(std),
            distance_dof=float(quantile_dof(distribution, 0.5)),
            distance_std_dof=float(moments(distribution, GRID_U_DOF)[1]),
            in_focus=validity is Validity.GOOD and within >= calibration.in_focus_share,
            validity=validity,
            saturated_fraction=light.saturated_fraction,
            mean_fraction=light.mean_fraction,
            nothing_probability=nothing,
            probabilities=distribution,
        )

    def _saturated(self, light: Exposure) -> torch.Tensor:
        return torch.tensor([[light.saturated_fraction]], dtype=torch.float32, device=self.device)
