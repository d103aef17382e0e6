"""What can go wrong on the simulated station, switched on and off while it runs."""

from dataclasses import dataclass

__all__ = ["Faults"]


@dataclass
class Faults:
    """The faults in force, shared by the simulated stage and camera.

    Parameters
    ----------
    stage_stall : bool
        The stage accepts a move and never starts: it stays "moving" until it is stopped.
    stage_stop_short : float
        Each move ends this fraction of its length before the target, and reports that it is done.
    stage_slow : float
        Factor on the speed, 0 < factor <= 1.
    stage_limit : bool
        The limit switch ahead is hit as soon as the stage moves.
    stage_disconnect : bool
        The stage's process variables are gone from the network.
    camera_hang : bool
        Acquisition starts and never ends.
    camera_drop : bool
        Acquisition ends without a frame.
    camera_freeze : bool
        Every frame repeats the last one.
    camera_dark : bool
        No light reaches the sensor.
    camera_saturate : bool
        Every pixel is at full scale.
    camera_wrong_shape : bool
        Frames come with another shape than the camera announces.
    camera_flicker : float
        Relative standard deviation of the light from frame to frame.
    """

    stage_stall: bool = False
    stage_stop_short: float = 0.0
    stage_slow: float = 1.0
    stage_limit: bool = False
    stage_disconnect: bool = False
    camera_hang: bool = False
    camera_drop: bool = False
    camera_freeze: bool = False
    camera_dark: bool = False
    camera_saturate: bool = False
    camera_wrong_shape: bool = False
    camera_flicker: float = 0.0
