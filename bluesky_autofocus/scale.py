"""Stage units to depths of field and back: the edge between a station and everything inside."""

from dataclasses import dataclass
from math import isfinite

from .errors import StationError

__all__ = ["UM_PER_UNIT", "Scale"]

UM_PER_UNIT = {
    "nm": 1e-3,
    "um": 1.0,
    "µm": 1.0,
    "μm": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "mm": 1e3,
    "millimeter": 1e3,
    "cm": 1e4,
    "m": 1e6,
}


@dataclass(frozen=True)
class Scale:
    """How long a depth of field is on this stage.

    Parameters
    ----------
    depth_of_field : float
        Full depth of field in the stage's engineering unit; positive.
    unit : str
        The stage's engineering unit.

    Raises
    ------
    StationError
        If the depth of field is not a positive number.
    """

    depth_of_field: float
    unit: str

    def __post_init__(self) -> None:
        if not (isfinite(self.depth_of_field) and self.depth_of_field > 0):
            raise StationError(
                f"The depth of field is {self.depth_of_field} {self.unit}: it must be a positive "
                "number. Give the station's optics, or its depth of field in stage units."
            )

    @classmethod
    def from_um(cls, depth_of_field_um: float, unit: str) -> "Scale":
        """Build the scale of a stage from a depth of field in µm.

        Parameters
        ----------
        depth_of_field_um : float
            Full depth of field, µm.
        unit : str
            The stage's engineering unit, a unit of length.

        Returns
        -------
        Scale
            The same depth of field in the stage's unit.

        Raises
        ------
        StationError
            If the unit is not a known unit of length.
        """
        try:
            um_per_unit = UM_PER_UNIT[unit.strip()]
        except KeyError:
            raise StationError(
                f"The stage's unit is {unit!r}, which is not a length known here "
                f"({', '.join(UM_PER_UNIT)}). Set the motor record's EGU, or give the depth of "
                "field in the stage's own unit instead of the optics."
            ) from None
        return cls(depth_of_field_um / um_per_unit, unit)

    def to_dof(self, position: float) -> float:
        """Convert a stage position to depths of field.

        Parameters
        ----------
        position : float
            In the stage's unit.

        Returns
        -------
        float
            In depths of field.
        """
        return position / self.depth_of_field

    def to_stage(self, position_dof: float) -> float:
        """Convert depths of field to a stage position.

        Parameters
        ----------
        position_dof : float
            In depths of field.

        Returns
        -------
        float
            In the stage's unit.
        """
        return position_dof * self.depth_of_field
