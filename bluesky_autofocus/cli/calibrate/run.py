"""Analyse a recorded sweep and compare it with a station file."""

from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path

from bluesky_autofocus.calibration import Arrival, Calibration, Leg, calibrate_arrivals
from bluesky_autofocus.catalog import load_run, open_catalog
from bluesky_autofocus.catalog.calibration_run import approach_of_run, arrivals_of_run
from bluesky_autofocus.errors import CalibrationError
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.evaluation import stack_full_scale
from bluesky_autofocus.focal_stack import FocalStack
from bluesky_autofocus.measurement import full_scale_level
from bluesky_autofocus.optics import optics_of_sampling
from devices.station_edit import write_station_values
from devices.station_file import StationSettings, read_station_file

from .changes import station_changes
from .report import CalibrateReport

__all__ = ["CalibrateRequest", "run_calibration", "write_changes"]


@dataclass(frozen=True)
class CalibrateRequest:
    """What a calibration is asked for.

    Parameters
    ----------
    source : str
        A uid, or a folder.
    station : pathlib.Path
        The station file.
    settings : StationSettings
        What it says.
    sample_pixel_um : float or None
        Pixel on the sample, µm.
    """

    source: str
    station: Path
    settings: StationSettings
    sample_pixel_um: float | None

    @classmethod
    def checked(cls, source: str, station: Path, pixel: float | None) -> "CalibrateRequest":
        """Check the options.

        Parameters
        ----------
        source : str
            A uid, or a folder.
        station : pathlib.Path
            The station file.
        pixel : float or None
            Pixel on the sample, µm.

        Returns
        -------
        CalibrateRequest
            The request.

        Raises
        ------
        CalibrationError, StationError
            If one of them cannot be used.
        """
        if pixel is not None and not (isfinite(pixel) and 0 < pixel <= 100):
            raise CalibrationError(
                f"--sample-pixel is {pixel:g}; give the pixel on the sample in µm, at most 100: "
                "that of the sensor over the magnification."
            )
        return cls(source, station, read_station_file(station), pixel)


def run_calibration(request: CalibrateRequest) -> CalibrateReport:
    """Read the frames and tell what they say.

    Parameters
    ----------
    request : CalibrateRequest
        What is asked for.

    Returns
    -------
    CalibrateReport
        Calibration and changes.

    Raises
    ------
    AutofocusError
        If there is no such run or stack, or no focus in it.
    """
    folder = Path(request.source).expanduser()
    calibration = _of_stack(folder) if folder.is_dir() else _of_run(request)
    changes = station_changes(
        request.settings, calibration, sample_pixel_um=request.sample_pixel_um
    )
    return CalibrateReport(request.source, request.station, calibration, changes)


def write_changes(report: CalibrateReport) -> CalibrateReport:
    """Write what is new to the station file.

    Parameters
    ----------
    report : CalibrateReport
        What is new.

    Returns
    -------
    CalibrateReport
        The same, written.

    Raises
    ------
    StationError
        If the file cannot be changed.
    """
    write_station_values(report.station, {row.key: row.new for row in report.to_write})
    return replace(report, written=True)


def _of_run(request: CalibrateRequest) -> Calibration:
    source = request.source
    with open_catalog() as catalog:
        run = load_run(catalog, int(source) if source.lstrip("-").isdigit() else source)
        arrivals = arrivals_of_run(run)
        said = run.start.get("calibration") or run.start.get("autofocus") or {}
        approach, full_scale = approach_of_run(run), said.get("full_scale")
    if not arrivals:
        raise CalibrationError(f"Run {source} holds no frames. Give one that took a sweep.")
    bits = request.settings.camera.bits
    if full_scale is None and bits is not None:
        full_scale = full_scale_level(arrivals[0].frame.dtype, bits)
    return _calibrated(arrivals, str(said.get("unit", "")), approach, full_scale)


def _of_stack(folder: Path) -> Calibration:
    stack = FocalStack.read(folder)
    arrivals = [Arrival(float(z), stack.plane(i)) for i, z in enumerate(stack.positions)]
    return _calibrated(arrivals, stack.unit, Leg.UP, None)


def _calibrated(
    arrivals: list[Arrival], unit: str, approach: Leg, full_scale: float | None
) -> Calibration:
    level = full_scale or stack_full_scale(arrival.frame for arrival in arrivals)
    return calibrate_arrivals(
        arrivals,
        unit=unit,
        full_scale=level,
        estimator_of=lambda q: SharpnessEstimator(optics_of_sampling(q), full_scale=level),
        approach=approach,
    )
