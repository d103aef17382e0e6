"""A run on the live simulation, drawn at random: sample, light, start, window, what goes wrong."""

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from bluesky_autofocus.search import BELIEF, CURVE_SEARCHES
from devices.sim.scene.names import SCENES

__all__ = ["INTERRUPTIONS", "Fault", "Found", "Trial", "drawn_scene", "drawn_trial"]

Side = Literal["low", "high"]

# A tilted or stepped sample has no one focus that an end could be judged by.
FLAT_SCENES = sorted(set(SCENES) - {"tilted", "terraces"})
SWITCHES = (
    "stage_stall",
    "stage_limit",
    "stage_disconnect",
    "camera_hang",
    "camera_drop",
    "camera_freeze",
    "camera_dark",
    "camera_saturate",
    "camera_wrong_shape",
)
FRACTIONS = {
    "stage_stop_short": (0.02, 0.9),
    "stage_slow": (0.1, 0.9),
    "camera_flicker": (0.02, 0.2),
}
INTERRUPTIONS = ("resume", "stop", "abort", "halt", "Ctrl-C, abort", "Ctrl-C, resume")
"""What is done after a pause, and how that was asked for."""

IMAGE_MODES = (0, 1, 2)
# Never the 0.02 s that the station sets while it is staged.
EXPOSURES_S = (0.03, 0.3)
GAINS = (0.7, 1.4)

# A run sends so many messages, most of the time.
MESSAGES = (1, 200)


@dataclass(frozen=True)
class Fault:
    """One of the simulation's faults, in force between two messages of the plan.

    Parameters
    ----------
    name : str
        Its PV, without the prefix.
    value : float
        What to put.
    at, until : int
        Number of the message with which it begins, and of the one with which it ends.
    """

    name: str
    value: float
    at: int
    until: int


@dataclass(frozen=True)
class Found:
    """How the camera is set before a run, as someone else may have left it.

    Parameters
    ----------
    exposure_s : float
        Exposure time, seconds.
    gain : float
        Gain.
    image_mode : int
        0 for single, 1 for multiple, 2 for continuous.
    images : int
        Number of images of an acquisition.
    live : bool
        Whether it is acquiring; only if continuous.
    """

    exposure_s: float
    gain: float
    image_mode: int
    images: int
    live: bool


@dataclass(frozen=True)
class Trial:
    """One run.

    Parameters
    ----------
    number : int
        Its number.
    search : str
        How to look for the focus.
    drift_dof : float
        How far the sample has moved since the station began, depths of field.
    window_dof : (float, float)
        Where the stage may go, depths of field from focus.
    start_dof : float
        Where it begins, from focus.
    light : float
        Factor on the illumination.
    side : {'low', 'high'}
        From where to arrive.
    play_share : float
        Play of the stage as a share of the backlash that the station file states.
    sample_side : {'low', 'high'}, optional
        Where the sample is.
    step_share : float
        Longest step towards it, as a share of the window.
    fault : Fault, optional
        What fails.
    interruption : str, optional
        One of `INTERRUPTIONS`.
    interrupted_at : int
        Number of the message with which it is asked for,
    interrupted_after_s : float
        and how long after it.
    found : Found
        How the camera is set before.
    """

    number: int
    search: str
    drift_dof: float
    window_dof: tuple[float, float]
    start_dof: float
    light: float
    side: Side
    play_share: float
    sample_side: Side | None
    step_share: float
    fault: Fault | None
    interruption: str | None
    interrupted_at: int
    interrupted_after_s: float
    found: Found


def drawn_scene(seed: int, number: int) -> str:
    """Draw a scene by its name.

    Parameters
    ----------
    seed, number : int
        It depends on these alone.

    Returns
    -------
    str
        One with one focus.
    """
    return str(np.random.default_rng([seed, number, 1]).choice(FLAT_SCENES))


def drawn_trial(seed: int, number: int) -> Trial:
    """Draw a run.

    Parameters
    ----------
    seed, number : int
        It depends on these alone.

    Returns
    -------
    Trial
        The run.
    """
    rng = np.random.default_rng([seed, number])
    low, high = -rng.uniform(4, 60), rng.uniform(4, 60)
    if rng.random() < 0.15:
        # Focus is outside.
        shift = rng.uniform(2, 30) * rng.choice([-1, 1])
        low, high = (low - high + shift, shift) if shift < 0 else (shift, high - low + shift)
    start = rng.choice([rng.uniform(low, high), low, high], p=[0.8, 0.1, 0.1])
    if low < 0 < high and rng.random() < 0.15:
        start = rng.uniform(-0.6, 0.6)
    return Trial(
        number=number,
        search=BELIEF if rng.random() < 0.6 else str(rng.choice(list(CURVE_SEARCHES))),
        drift_dof=float(rng.uniform(-10, 10)),
        window_dof=(float(low), float(high)),
        start_dof=float(start),
        light=float(np.exp(rng.uniform(np.log(0.2), np.log(2)))),
        side=_side(rng),
        play_share=float(rng.choice([0.0, rng.uniform(0, 1)])),
        sample_side=_side(rng) if rng.random() < 0.4 else None,
        step_share=float(rng.uniform(0.02, 0.5)),
        fault=_fault(rng) if rng.random() < 0.7 else None,
        interruption=str(rng.choice(INTERRUPTIONS)) if rng.random() < 0.5 else None,
        interrupted_at=_message(rng),
        interrupted_after_s=float(rng.choice([0.0, rng.uniform(0, 0.4)])),
        found=_found(np.random.default_rng([seed, number, 2])),
    )


def _found(rng: np.random.Generator) -> Found:
    mode = int(rng.choice(IMAGE_MODES))
    return Found(
        exposure_s=round(float(np.exp(rng.uniform(*np.log(EXPOSURES_S)))), 4),
        gain=round(float(rng.uniform(*GAINS)), 2),
        image_mode=mode,
        images=int(rng.integers(2, 10)),
        live=bool(mode == 2 and rng.random() < 0.5),
    )


def _fault(rng: np.random.Generator) -> Fault:
    name = str(rng.choice([*SWITCHES, *FRACTIONS]))
    value = float(rng.uniform(*FRACTIONS[name])) if name in FRACTIONS else 1.0
    # Some are there from the beginning, and some do not pass.
    at = 1 if rng.random() < 0.15 else _message(rng)
    until = 10**9 if rng.random() < 0.6 else at + _message(rng)
    return Fault(name, value, at, until)


def _message(rng: np.random.Generator) -> int:
    low, high = np.log(MESSAGES)
    return int(np.exp(rng.uniform(low, high)))


def _side(rng: np.random.Generator) -> Side:
    return cast(Side, str(rng.choice(["low", "high"])))
