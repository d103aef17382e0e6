"""What was measured beside what the supplement says."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import spearmanr

from .consistency import peak_ratios
from .deviation import distance_deviations, sharpness_deviations
from .directions import signed_distances, wrong_share
from .measured_stack import MeasuredStack, provenance
from .table import Row

__all__ = ["summary_table"]

# Up to here a range of distances lies beside the depth of field.
BESIDE_DOF = 1.25


def summary_table(stacks: Sequence[MeasuredStack]) -> list[Row]:
    """Return each figure of the supplement with the measured one.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        Stacks of flat samples.

    Returns
    -------
    list of Row
        ``figure``, ``quantity``, ``supplement``, ``measured``, and what they come from.
    """
    ratios = peak_ratios(stacks)
    by_distance = distance_deviations(stacks)
    beyond = [one for one in by_distance if one.low_dof > 0]
    inside = [one for one in by_distance if one.low_dof == 0]
    beside = [one for one in beyond if one.high_dof <= BESIDE_DOF]
    std = np.array([one.std_dof for one in beyond])
    rises = _rank_correlation(np.array([one.distance_dof for one in beyond]), std)
    in_focus = inside[0].std_dof if inside else np.nan
    next_to = float(np.mean([one.std_dof for one in beside])) if beside else np.nan
    by_position = sharpness_deviations(stacks)
    rmse = np.array([one.rmse for one in by_position])
    away = np.array([abs(one.u_dof) for one in by_position])
    by_sample = ratios.squared_gradient_by_sample
    found: list[tuple[str, str, str, float]] = [
        ("2a, 2b", "rank correlation of STD with distance, beyond the DoF", "rises", rises),
        ("2b", "STD of distance in focus (DoF)", "", in_focus),
        ("2b", "STD of distance beside the DoF, up to 1.25 (DoF)", "", next_to),
        ("2b", "STD in focus over STD beside it", "above 1",
         in_focus / next_to if next_to > 0 else np.nan),
        ("2c", "rank correlation of RMSE with distance", "rises", _rank_correlation(away, rmse)),
        ("3b", "largest SR of sharpness, all stacks", "below 1.01", float(ratios.sharpness.max())),
        ("3b", "largest SR of sharpness over the lights of one sample", "",
         float(ratios.sharpness_by_sample.max())),
        ("3b", "largest SR of sharpness unclipped in focus, all stacks", "",
         float(ratios.sharpness_unclipped.max())),
        ("3d", "largest SR of squared gradient, all stacks", "",
         float(ratios.squared_gradient.max())),
        ("3d", "least SR of squared gradient over the lights of one sample", "3.5",
         float(by_sample.min())),
        ("3d", "largest SR of squared gradient over the lights of one sample", "4.5",
         float(by_sample.max())),
        ("5", "share of wrong directions, end to end, beyond the DoF", "about 0.2",
         wrong_share(*signed_distances(stacks))),
    ]  # fmt: skip
    frames = sum(stack.u_dof.size for stack in stacks)
    good = sum(int(stack.good.sum()) for stack in stacks) / max(frames, 1)
    found.append(("all", "share of frames that the estimator calls good", "", good))
    return [
        {
            "figure": figure,
            "quantity": quantity,
            "supplement": supplement,
            "measured": measured,
            "stacks": len(stacks),
            "frames": frames,
            **provenance(stacks),
        }
        for figure, quantity, supplement, measured in found
    ]


def _rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    if a.size < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.asarray(spearmanr(a, b))[0])
