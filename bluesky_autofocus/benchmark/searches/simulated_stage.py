"""A stage with play and noise that arrives from one side, as the plan makes it."""

from dataclasses import dataclass

import numpy as np

__all__ = ["BACKLASH_DOF", "PLAY_DOF", "SimulatedStage"]

PLAY_DOF = 0.5
"""How far the motor turns back before the sample follows."""

BACKLASH_DOF = 0.75
"""What the station file states: how far below a position an approach begins."""

# What the encoder does not see.
POSITION_NOISE_DOF = 0.03


@dataclass
class SimulatedStage:
    """Where the motor is, and where the sample is.

    The sample is given in the motor's coordinate of a stage that arrives from below: there the play
    has no effect. A stage that has not moved yet may be anywhere in it.

    Parameters
    ----------
    low_dof, high_dof : float
        The window, depths of field.
    motor_dof : float
        Where the motor is, as the encoder says.
    lead_dof : float
        How far the sample is above the place it has after an arrival from below, 0 to `PLAY_DOF`.
    noise_dof : float
        Error of the last arrival.
    moves : int
        Moves so far, an approach counted as two.
    outside : int
        Moves that ended outside the window.
    """

    low_dof: float
    high_dof: float
    motor_dof: float
    lead_dof: float
    noise_dof: float = 0.0
    moves: int = 0
    outside: int = 0

    @classmethod
    def at(
        cls, start_dof: float, window_dof: tuple[float, float], rng: np.random.Generator
    ) -> "SimulatedStage":
        """Put a stage somewhere; nobody knows from where it came.

        Parameters
        ----------
        start_dof : float
            Where the motor is.
        window_dof : (float, float)
            Its window.
        rng : numpy.random.Generator
            Decides where in its play it is.

        Returns
        -------
        SimulatedStage
            The stage.
        """
        return cls(*window_dof, start_dof, float(rng.uniform(0, PLAY_DOF)))

    @property
    def sample_dof(self) -> float:
        """Where the sample is."""
        return self.motor_dof + self.lead_dof + self.noise_dof

    def move(self, target_dof: float, rng: np.random.Generator) -> None:
        """Arrive from below, as `plans.stubs.move_and_verify` does.

        Parameters
        ----------
        target_dof : float
            Where to.
        rng : numpy.random.Generator
            Decides by how much it misses.
        """
        if target_dof <= self.motor_dof:
            self._go(max(self.low_dof, target_dof - BACKLASH_DOF))
        self._go(target_dof)
        self.noise_dof = float(rng.normal(0, POSITION_NOISE_DOF))

    def _go(self, target_dof: float) -> None:
        step = target_dof - self.motor_dof
        if step == 0:
            return
        self.moves += 1
        self.outside += not self.low_dof <= target_dof <= self.high_dof
        self.motor_dof = target_dof
        # The sample stays until the play is used up.
        self.lead_dof = float(np.clip(self.lead_dof - step, 0.0, PLAY_DOF))
