"""Documents in, estimates out as a run of their own: live, over 0MQ, or from the catalog."""

from .derived_run import DerivedRun, Emit
from .settings import SharpnessSettings, derived_uid
from .sharpness_processor import SharpnessProcessor

__all__ = ["derived_uid", "DerivedRun", "Emit", "SharpnessProcessor", "SharpnessSettings"]
