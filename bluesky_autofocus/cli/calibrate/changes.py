"""What a calibration changes in a station file, old beside new."""

from dataclasses import dataclass
from math import floor, log10

from bluesky_autofocus.calibration import BlurRate, Calibration, Play, Scatter
from bluesky_autofocus.errors import OpticsError
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.scale import UM_PER_UNIT
from devices.station_file import StationSettings

__all__ = ["Change", "station_changes"]

AGREE_SIGMAS = 2.0
NOISE_SIGMAS = 4.0
TOLERANCE_SHARE = 10
OPTICS_KEYS = (
    "numerical_aperture",
    "wavelength_um",
    "magnification",
    "pixel_um",
    "refractive_index",
)


@dataclass(frozen=True)
class Change:
    """One value of a station file.

    Parameters
    ----------
    key : str
        Its dotted key.
    old, new : float or None
        What the file says and what it should say; None is nothing. Where both are the same, the
        value is left as it is.
    std : float or None
        Standard error of the new value.
    note : str
        Why, or why not.
    """

    key: str
    old: float | None
    new: float | None
    std: float | None = None
    note: str = ""

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return self.old != self.new


def station_changes(
    settings: StationSettings, calibration: Calibration, *, sample_pixel_um: float | None = None
) -> tuple[Change, ...]:
    """Compare a station file with a calibration.

    Parameters
    ----------
    settings : StationSettings
        What the file says.
    calibration : Calibration
        What a sweep says.
    sample_pixel_um : float, optional
        Pixel on the sample, µm, where it is known.

    Returns
    -------
    tuple of Change
        A row for each value, also for those that are left as they are.
    """
    optics = _optics_changes(settings, calibration, sample_pixel_um)
    return (
        *optics,
        _backlash_change(settings, calibration),
        _tolerance_change(settings, calibration),
        _exposure_change(settings, calibration),
    )


def _optics_changes(
    settings: StationSettings, calibration: Calibration, sample_pixel_um: float | None
) -> list[Change]:
    said = settings.optics
    old = {key: None if said is None else float(getattr(said, key)) for key in OPTICS_KEYS}

    def left(note: str) -> list[Change]:
        rows = [Change(f"optics.{key}", old[key], old[key], note=note) for key in OPTICS_KEYS[:1]]
        return [*rows, *(Change(f"optics.{key}", old[key], old[key]) for key in OPTICS_KEYS[1:])]

    rate = calibration.blur_rate
    if isinstance(rate, str):
        return left(rate)
    if calibration.unit not in UM_PER_UNIT:
        return left(f"the stage's unit {calibration.unit!r} is no length known here")
    um = UM_PER_UNIT[calibration.unit]
    known = None if said is None else said.to_optics()
    if known is not None and sample_pixel_um is None:
        expected = 2 * known.numerical_aperture / (known.refractive_index * known.sample_pixel_um)
        if abs(expected * um - rate.pixels_per_unit) <= AGREE_SIGMAS * rate.pixels_per_unit_std:
            return left("agrees with the blur that was seen")
        sample_pixel_um = known.sample_pixel_um
    try:
        new = _effective(rate, um, sample_pixel_um, known)
    except OpticsError as error:
        return left(f"no optics blur so fast: {error}")
    # Of the blur rate, or of the depth of field and sampling together, whichever it follows from.
    share = rate.pixels_per_unit_std / rate.pixels_per_unit
    if sample_pixel_um is None:
        share = rate.depth_of_field_std / rate.depth_of_field / 2
    note = "from the blur rate" if sample_pixel_um else "effective: with pixel_um and wavelength_um"
    rows = [
        Change(
            f"optics.{key}",
            old[key],
            _rounded(getattr(new, key)),
            share * new.numerical_aperture if key == "numerical_aperture" else None,
            note if key == "numerical_aperture" else "",
        )
        for key in OPTICS_KEYS
    ]
    if settings.depth_of_field is not None:
        rows.append(Change("depth_of_field", settings.depth_of_field, None, None, "see optics"))
    return rows


def _effective(
    rate: BlurRate, um: float, sample_pixel_um: float | None, known: Optics | None
) -> Optics:
    if known is None:
        return rate.effective_optics(um, sample_pixel_um=sample_pixel_um)
    return rate.effective_optics(
        um,
        sample_pixel_um=sample_pixel_um,
        wavelength_um=known.wavelength_um,
        refractive_index=known.refractive_index,
    )


def _backlash_change(settings: StationSettings, calibration: Calibration) -> Change:
    key, old, play = "approach.backlash", settings.approach.backlash, calibration.play
    if not isinstance(play, Play):
        return Change(key, old, old, note=play)
    seen = f"play {play.value:.3g}" if play.seen else "no play seen"
    if old >= play.enough or not play.seen:
        return Change(key, old, old, play.std, f"{seen}: long enough")
    return Change(key, old, _rounded(play.enough, up=True), play.std, f"{seen}, with 3 σ more")


def _tolerance_change(settings: StationSettings, calibration: Calibration) -> Change:
    key, old = "stage.position_tolerance", settings.stage.position_tolerance
    scatter = calibration.scatter
    if not isinstance(scatter, Scatter):
        return Change(key, old, old, note=scatter)
    rate, needed = calibration.blur_rate, NOISE_SIGMAS * scatter.readback
    share = rate.depth_of_field / TOLERANCE_SHARE if isinstance(rate, BlurRate) else None
    enough = share if old is None else old
    if enough is not None and needed <= enough:
        return Change(key, old, old, note=f"readback noise {scatter.readback:.2g}: wide enough")
    return Change(key, old, _rounded(needed, up=True), note="4 σ of the readback")


def _exposure_change(settings: StationSettings, calibration: Calibration) -> Change:
    key, old, advice = "camera.exposure_s", settings.camera.exposure_s, calibration.exposure
    new = old if old is None or advice.factor == 1 else _rounded(old * advice.factor)
    return Change(key, old, new, note=advice.said)


def _rounded(value: float, *, up: bool = False) -> float:
    """Keep three digits; going up leaves no less than there was."""
    if value == 0:
        return 0.0
    digits = 2 - floor(log10(abs(value)))
    kept = round(value, digits)
    return round(kept + 10.0**-digits, digits) if up and kept < value else kept
