"""Which parts of a field come into focus where: regions of one altitude; pure calculation."""

from .cell_spectra import CELL_PX, CellGrid
from .field_belief import FieldBelief, FieldFrame
from .field_evidence import FieldEvidence
from .field_observation import FieldObservation, field_observation_of, observe_field
from .field_regions import FieldRegions
from .find import field_evidence, field_regions
from .picking import Pick, Picked, picker
from .plane import FieldPlane, fit_plane
from .region import UNKNOWN, Altitude, Region
from .relief import Relief, relief_of
from .seen import is_seen, seen_in_focus

__all__ = [
    "CELL_PX",
    "UNKNOWN",
    "Altitude",
    "CellGrid",
    "FieldBelief",
    "FieldEvidence",
    "FieldFrame",
    "FieldObservation",
    "FieldPlane",
    "FieldRegions",
    "Pick",
    "Picked",
    "Region",
    "Relief",
    "field_evidence",
    "field_observation_of",
    "field_regions",
    "fit_plane",
    "is_seen",
    "seen_in_focus",
    "observe_field",
    "picker",
    "relief_of",
]
