"""Weights on disk: safetensors with a checksum, and what they are."""

import json
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import as_file, files
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from ..errors import WeightsError
from .map_network import MapNet
from .networks import SummaryNet, Widths
from .pair_network import PairNet

__all__ = ["FORMAT", "Calibration", "Weights", "load_weights", "save_weights"]

FORMAT = "bluesky-autofocus sharpness estimator 3"
PACKAGE = "bluesky_autofocus.estimator"
SHIPPED = "estimator.safetensors"
LARGEST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Calibration:
    """Numbers fitted on families of their own after the networks were trained.

    Parameters
    ----------
    summary_temperature, map_temperature, pair_temperature : float
        Factor by which log probabilities are divided, so that intervals cover what they say.
    map_certain_std, pair_certain_std : float
        Standard deviation of sharpness up to which a cell is valid.
    summary_certain_std : float
        The same for a frame.
    in_focus_share : float
        Probability of ``|U| < ¾`` from which a frame counts as in focus.
    sign_claim : float
        Probability from which the sign of a cell is claimed.
    nothing_share : float
        Probability of "nothing to see" from which a frame counts as empty.
    """

    summary_temperature: float = 1.0
    map_temperature: float = 1.0
    pair_temperature: float = 1.0
    in_focus_share: float = 0.5
    sign_claim: float = 0.97
    nothing_share: float = 0.5
    summary_certain_std: float = 0.2
    map_certain_std: float = 0.1
    pair_certain_std: float = 0.1


@dataclass(frozen=True)
class Weights:
    """The networks with their weights.

    Parameters
    ----------
    summary, maps, pairs : torch.nn.Module
        The three networks, in evaluation mode.
    calibration : Calibration
        What was fitted after them.
    sha256 : str
        Of the file.
    version : str
        Name that they were saved under.
    widths : Widths
        Sizes of the networks.
    """

    summary: SummaryNet
    maps: MapNet
    pairs: PairNet
    calibration: Calibration
    sha256: str
    version: str
    widths: Widths


def load_weights(path: str | Path | None = None, device: str = "cpu") -> Weights:
    """Read weights, and check that they are whole and ours.

    Parameters
    ----------
    path : path, optional
        A file of `save_weights`; default: the weights of the package.
    device : str, default "cpu"
        Where the networks shall be.

    Returns
    -------
    Weights
        The networks.

    Raises
    ------
    WeightsError
        If the file is missing, damaged or foreign.
    """
    if path is None:
        with as_file(files(PACKAGE) / "weights" / SHIPPED) as shipped:
            return _read(shipped, device, _shipped_sha256())
    return _read(Path(path).expanduser(), device, None)


def _shipped_sha256() -> str:
    text = (files(PACKAGE) / "weights" / (SHIPPED + ".sha256")).read_text()
    return text.split()[0]


def _read(path: Path, device: str, expected: str | None) -> Weights:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise WeightsError(
                f"{path} has {path.stat().st_size} bytes; weights have at most {LARGEST_BYTES}. "
                "Give a file made by `bluesky-autofocus train`."
            )
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"The weights {path} cannot be read: {error}. Give a file made by "
            "`bluesky-autofocus train`, or none for the weights of the package."
        ) from error
    digest = sha256(data).hexdigest()
    if expected is not None and digest != expected:
        raise WeightsError(
            f"The weights {path} are damaged: their sha256 is {digest}, not {expected}. "
            "Install the package again."
        )
    header = _header(path, data)
    if _payload_sha256(data) != header.get("payload_sha256"):
        raise WeightsError(
            f"The weights {path} are damaged: their checksum does not fit. Copy the file again."
        )
    try:
        tensors = load(data)
        widths = Widths(**json.loads(header["widths"]))
        calibration = Calibration(**json.loads(header["calibration"]))
        nets = (SummaryNet(widths), MapNet(widths), PairNet(widths))
        for name, net in zip(("summary", "maps", "pairs"), nets, strict=True):
            prefix = name + "."
            part = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            net.load_state_dict(part)
            if not all(torch.isfinite(v).all() for v in part.values()):
                raise ValueError(f"{name} has weights that are not finite")
            net.to(device).eval().requires_grad_(False)
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise WeightsError(
            f"The weights {path} do not fit this estimator: {error}. "
            "Train them anew with `bluesky-autofocus train`."
        ) from error
    return Weights(*nets, calibration, digest, header.get("version", "unnamed"), widths)


def _header(path: Path, data: bytes) -> dict[str, str]:
    """Read the metadata at the start of a safetensors file."""
    foreign = WeightsError(
        f"{path} is not a file of weights of this estimator ({FORMAT}), or it is damaged. "
        "Give a file made by `bluesky-autofocus train`."
    )
    try:
        length = int.from_bytes(data[:8], "little")
        if not 0 < length < min(len(data), 10**6):
            raise foreign
        metadata = json.loads(data[8 : 8 + length]).get("__metadata__", {})
    except (UnicodeDecodeError, json.JSONDecodeError, AttributeError) as error:
        raise foreign from error
    if metadata.get("format") != FORMAT:
        raise foreign
    return metadata


def _payload_sha256(data: bytes) -> str:
    """Checksum of the numbers alone: what is said about them can be in any order."""
    return sha256(data[8 + int.from_bytes(data[:8], "little") :]).hexdigest()


def save_weights(
    path: str | Path,
    summary: SummaryNet,
    maps: MapNet,
    pairs: PairNet,
    *,
    widths: Widths,
    calibration: Calibration,
    version: str,
) -> str:
    """Write weights in half precision, with what is needed to read them.

    Parameters
    ----------
    path : path
        File to write; it appears whole or not at all.
    summary, maps, pairs : torch.nn.Module
        The networks.
    widths : Widths
        Their sizes.
    calibration : Calibration
        What was fitted after them.
    version : str
        A name for these weights.

    Returns
    -------
    str
        sha256 of the file.
    """
    tensors = {}
    for name, net in (("summary", summary), ("maps", maps), ("pairs", pairs)):
        for key, value in net.state_dict().items():
            tensors[f"{name}.{key}"] = value.detach().to("cpu", torch.float16).contiguous()
    metadata = {
        "format": FORMAT,
        "version": version,
        "widths": json.dumps(widths.as_dict()),
        "calibration": json.dumps(vars(calibration)),
    }
    metadata["payload_sha256"] = _payload_sha256(save(tensors))
    data = save(tensors, metadata)
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    partial.write_bytes(data)
    partial.replace(target)
    return sha256(data).hexdigest()
