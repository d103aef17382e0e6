"""The station file: what a beamline's stage, camera and objective are, and what they may do."""

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bluesky_autofocus.errors import OpticsError, RegionError, StationError
from bluesky_autofocus.frame_region import FrameRegion
from bluesky_autofocus.optics import Optics

__all__ = [
    "ApproachSettings",
    "CameraSettings",
    "LimitSettings",
    "OpticsSettings",
    "SampleSettings",
    "StageSettings",
    "StationSettings",
    "read_station_file",
]

Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StageSettings(_Settings):
    """The focus stage.

    Parameters
    ----------
    prefix : str
        The motor record.
    position_tolerance : float, optional
        How near to its target the readback must end, in the stage's unit.
    """

    prefix: str = Field(min_length=1)
    position_tolerance: Positive | None = None


class CameraSettings(_Settings):
    """The camera.

    Parameters
    ----------
    prefix : str
        The areaDetector prefix with its colon.
    exposure_s : float, optional
        Exposure time, seconds; default: as found.
    bits : int, optional
        Depth of the sensor's converter, where it is less than that of the data type.
    frames_directory, read_directory : str, optional
        Folder for the HDF5 files as the IOC sees it, and as this machine sees it.
    region : (int, int, int, int), optional
        Part of the frames that is to be in focus: row, column, rows, columns. Default: all of it.
    """

    prefix: str = Field(min_length=1)
    exposure_s: Positive | None = None
    bits: Annotated[int, Field(ge=8, le=16)] | None = None
    frames_directory: str | None = None
    read_directory: str | None = None
    region: tuple[int, int, int, int] | None = None

    @property
    def frame_region(self) -> FrameRegion | None:
        """The part of the frames that is to be in focus; None for all of it."""
        return None if self.region is None else FrameRegion.of(self.region)


class OpticsSettings(_Settings):
    """The imaging system; see `bluesky_autofocus.optics.Optics`.

    Parameters
    ----------
    numerical_aperture, wavelength_um, magnification, pixel_um, refractive_index : float
        As in `bluesky_autofocus.optics.Optics`.
    """

    numerical_aperture: float
    wavelength_um: float
    magnification: float
    pixel_um: float
    refractive_index: float = 1.0

    def to_optics(self) -> Optics:
        """Build the optics.

        Returns
        -------
        Optics
            The validated imaging system.
        """
        return Optics(**self.model_dump())


class ApproachSettings(_Settings):
    """How to arrive at a position.

    Parameters
    ----------
    side : {'low', 'high'}
        The side to arrive from.
    backlash : float
        How far before the target to start when coming from the other side, in the stage's unit.
    """

    side: Literal["low", "high"] = "low"
    backlash: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0


class SampleSettings(_Settings):
    """Where the sample is, and how far the stage may go towards it at a time.

    Parameters
    ----------
    side : {'low', 'high'}
        The end of the travel towards which stage and objective come nearer to the sample.
    largest_step : float
        Longest single move that way, in the stage's unit; a longer one is made in steps.
    """

    side: Literal["low", "high"]
    largest_step: Positive


class LimitSettings(_Settings):
    """How long to wait.

    Parameters
    ----------
    move_timeout_s : float
        Longest wait for one move, seconds.
    frame_timeout_s : float
        Longest wait for one frame beyond its exposure time, seconds.
    """

    move_timeout_s: Positive = 30.0
    frame_timeout_s: Positive = 5.0


class StationSettings(_Settings):
    """All that is said about a station.

    Parameters
    ----------
    name : str
        The station's name; goes into the metadata of each run.
    stage : StageSettings
        The focus stage.
    camera : CameraSettings
        The camera.
    optics : OpticsSettings, optional
        The imaging system.
    depth_of_field : float, optional
        Instead of `optics`, where they are unknown: in the stage's unit.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the motor record's soft limits.
    approach : ApproachSettings
        How to arrive at a position.
    sample : SampleSettings, optional
        Where the sample is. Default: moves of any length are made either way.
    limits : LimitSettings
        How long to wait.
    """

    name: str = Field(min_length=1)
    stage: StageSettings
    camera: CameraSettings
    optics: OpticsSettings | None = None
    depth_of_field: Positive | None = None
    window: tuple[Finite, Finite] | None = None
    approach: ApproachSettings = ApproachSettings()
    sample: SampleSettings | None = None
    limits: LimitSettings = LimitSettings()

    @model_validator(mode="after")
    def _one_scale(self) -> "StationSettings":
        if (self.optics is None) == (self.depth_of_field is None):
            raise ValueError("give either optics or depth_of_field, and not both")
        if self.window is not None and not self.window[0] < self.window[1]:
            raise ValueError(f"window {list(self.window)} is empty or inverted")
        return self


def read_station_file(path: Path | str) -> StationSettings:
    """Read and check a station file.

    Parameters
    ----------
    path : path-like
        A YAML file like ``profile/station.yml``.

    Returns
    -------
    StationSettings
        What it says.

    Raises
    ------
    StationError
        If it is missing or malformed: which line, what it says, what it should say.
    """
    path = Path(path)
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise StationError(f"The station file {path} cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        raise StationError(f"The station file {path} is not valid YAML: {error}.") from error
    if not isinstance(said, dict):
        raise StationError(
            f"The station file {path} holds {type(said).__name__}, not a mapping of settings. "
            "Start from the example in profile/station.yml."
        )
    try:
        settings = StationSettings.model_validate(said)
        if settings.optics is not None:
            settings.optics.to_optics()
        _ = settings.camera.frame_region
    except OpticsError as error:
        raise StationError(f"The station file {path}: optics: {error}") from error
    except RegionError as error:
        raise StationError(f"The station file {path}: camera.region: {error}") from error
    except ValidationError as error:
        lines = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']} (got {item['input']!r})"
            for item in error.errors()
        )
        raise StationError(f"The station file {path} does not fit: {lines}.") from error
    return settings
