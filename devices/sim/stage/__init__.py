"""The simulated motor record and the axis behind it."""
