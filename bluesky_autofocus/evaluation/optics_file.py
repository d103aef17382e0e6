"""The optics of a stack: a YAML file, or a station file."""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..errors import OpticsError
from ..optics import Optics

__all__ = ["OpticsFile", "read_optics_file"]

Number = Annotated[float, Field(strict=True)]
SamplePixel = Annotated[float, Field(strict=True, gt=0, le=100, allow_inf_nan=False)]


class OpticsFile(BaseModel):
    """What an optics file may say; see `bluesky_autofocus.optics.Optics`.

    Parameters
    ----------
    numerical_aperture, wavelength_um, refractive_index : float
        As in `bluesky_autofocus.optics.Optics`.
    magnification, pixel_um : float, optional
        Likewise; both, or instead of them `sample_pixel_um`.
    sample_pixel_um : float, optional
        Pitch of the pixels projected on the sample, µm.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    numerical_aperture: Number
    wavelength_um: Number
    magnification: Number | None = None
    pixel_um: Number | None = None
    sample_pixel_um: SamplePixel | None = None
    refractive_index: Number = 1.0

    @model_validator(mode="after")
    def _one_pixel(self) -> "OpticsFile":
        both = self.magnification is not None and self.pixel_um is not None
        neither = self.magnification is None and self.pixel_um is None
        if not (neither if self.sample_pixel_um is not None else both):
            raise ValueError("give magnification and pixel_um, or sample_pixel_um alone")
        return self

    def to_optics(self) -> Optics:
        """Build the optics.

        Returns
        -------
        Optics
            The validated imaging system.

        Raises
        ------
        OpticsError
            If no real system has one of the values.
        """
        said = self.model_dump(exclude_none=True)
        if "sample_pixel_um" in said:
            said |= {"magnification": 1.0, "pixel_um": said.pop("sample_pixel_um")}
        return Optics(**said)


def read_optics_file(path: Path | str) -> Optics:
    """Read and check an optics file.

    Parameters
    ----------
    path : path-like
        YAML with the keys of `OpticsFile`, or a station file with a section ``optics``.

    Returns
    -------
    Optics
        The imaging system.

    Raises
    ------
    OpticsError
        If it is missing or malformed: which key, what it says, what it should say.
    """
    path = Path(path).expanduser()
    try:
        said: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise OpticsError(
            f"The optics file {path} cannot be read: {error}. Give a YAML file."
        ) from error
    except yaml.YAMLError as error:
        raise OpticsError(f"The optics file {path} is not valid YAML: {error}.") from error
    where = ""
    if isinstance(said, dict) and "optics" in said:
        said, where = said["optics"], "optics."
    keys = ", ".join(OpticsFile.model_fields)
    if not isinstance(said, dict):
        raise OpticsError(
            f"The optics file {path} holds {type(said).__name__}, not a mapping. "
            f"Give the keys {keys}."
        )
    try:
        return OpticsFile.model_validate(said).to_optics()
    except OpticsError as error:
        raise OpticsError(f"The optics file {path}: {where}{error}") from error
    except ValidationError as error:
        lines = "; ".join(_complaint(where, item) for item in error.errors())
        raise OpticsError(
            f"The optics file {path} does not fit: {lines}. Its keys are {keys}."
        ) from error


def _complaint(where: str, item: Any) -> str:
    key = where + ".".join(map(str, item["loc"])) if item["loc"] else where.rstrip(".") or "file"
    if item["type"] in ("missing", "value_error"):
        return f"{key}: {item['msg']}"
    return f"{key}: {item['msg']} (got {item['input']!r})"
