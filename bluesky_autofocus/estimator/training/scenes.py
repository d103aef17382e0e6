"""Scenes to learn from: object, altitudes, optics, light and camera, at several positions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from ...imaging import Aberrations, Illumination, Renderer
from ...optics import defocused_otf, optics_of_sampling
from .camera import draw_camera
from .objects import draw_object
from .pupils import draw_pupil

__all__ = ["TrainingFrame", "draw_frames"]

# Smaller frames need less of the object beside the field, and less time.
SMALL_FRAME_PX, SMALL_OBJECT_SHAPE, OBJECT_SHAPE = 512, (768, 768), (1152, 1152)
FRAME_SHAPES = ((256, 320), (384, 512), (512, 512), (640, 768), (1024, 1024))
FRAME_SHAPE_SHARES = (0.08, 0.2, 0.3, 0.2, 0.22)
PAIRS = 2

BLANK_SHARE = 0.08
TERRACE_SHARE = 0.32
TILT_SHARE = 0.1
PUPIL_SHARE = 0.3
ABERRATION_SHARE = 0.08
RESAMPLED_SHARE = 0.12
THICK_SHARE = 0.1
CLEAN_SHARE = 0.35

MANY = 1000


@dataclass(frozen=True)
class TrainingFrame:
    """A frame and the truth about it.

    Parameters
    ----------
    frame : numpy.ndarray
        Shape (rows, cols), uint8 or uint16.
    full_scale : float
        Level at which the camera saturates.
    sampling_q : float
        Of the frame.
    u_dof : numpy.ndarray
        Signed defocus of each pixel, depths of field, shape (rows, cols).
    blank : bool
        Whether there is nothing on the sample.
    scene : int
        Number of the scene: frames of one scene show the same object at other focus positions.
    step_dof : float
        Focus position of this frame, added to the altitudes of the scene.
    """

    frame: NDArray[np.unsignedinteger]
    full_scale: float
    sampling_q: float
    u_dof: NDArray[np.float32]
    blank: bool
    scene: int
    step_dof: float


def draw_frames(
    seed: int,
    scene: int,
    families: Sequence[str],
    images: Sequence[str] = (),
    own: Sequence[NDArray[np.float32]] = (),
    *,
    blank: bool | None = None,
) -> Iterator[TrainingFrame]:
    """Draw a scene and take its frames, in pairs a step apart.

    Parameters
    ----------
    seed, scene : int
        Decide everything.
    families, images, own : sequence
        What `objects.draw_object` draws from.
    blank : bool, optional
        Whether the sample is empty; default: in 8 scenes of a hundred.

    Yields
    ------
    TrainingFrame
        Two frames for each of two pairs.
    """
    rng = np.random.default_rng([seed, scene])
    q = float(np.exp(rng.uniform(np.log(0.55), np.log(3.2))))
    optics = optics_of_sampling(q)
    shape = FRAME_SHAPES[int(rng.choice(len(FRAME_SHAPES), p=FRAME_SHAPE_SHARES))]
    clean = rng.random() < CLEAN_SHARE
    drawn = rng.random() < BLANK_SHARE
    blank = drawn if blank is None else blank
    extent = SMALL_OBJECT_SHAPE if max(shape) <= SMALL_FRAME_PX else OBJECT_SHAPE
    radiance = np.ones(extent, dtype=np.float32)
    if not blank:
        radiance = draw_object(rng, extent, families, images, own)
    transfer = draw_pupil(rng) if not clean and rng.random() < PUPIL_SHARE else defocused_otf
    ideal = Renderer(radiance, optics, frame_shape=shape, transfer=transfer)
    bent = None
    if not clean and not blank and max(shape) <= 768 and rng.random() < ABERRATION_SHARE:
        small = radiance[: shape[0], : shape[1]]
        bent = Renderer(small, optics, aberrations=_draw_aberrations(rng))
    relief, heights = _draw_relief(rng, shape)
    level = float(np.exp(rng.uniform(np.log(0.05), np.log(0.9))))
    camera = draw_camera(rng, level)
    uneven = not clean and rng.random() < 0.5
    light = Illumination(
        level,
        shading=float(rng.uniform(0, 0.4)) if uneven else 0.0,
        vignetting=float(rng.uniform(0, 0.4)) if uneven else 0.0,
    ).field(shape)
    zoom = 1.0
    if not clean and rng.random() < RESAMPLED_SHARE:
        zoom = float(np.exp(rng.uniform(-0.6, 0.5 if max(shape) <= 768 else 0.0)))
    layers = (
        _draw_layers(rng) if not clean and heights == 1 and rng.random() < THICK_SHARE else None
    )
    for position in _draw_positions(rng, heights):
        u = relief + np.float32(position)
        flicker = np.float32(np.exp(rng.normal(0, 0.1)) if not clean else 1)
        # Far from focus blur hides any aberration, and rendering it costs the most.
        renderer = bent if bent is not None and np.abs(u).max() < 12 and heights == 1 else ideal
        where = float(u.flat[0]) if heights == 1 else u
        image = renderer.image(where) if layers is None else _thick(renderer, position, layers)
        image = image * light * flicker
        frame = camera.frame(image, int(rng.integers(2**31)))
        q_frame, u_frame = q, u
        if zoom != 1:
            frame, q_frame, u_frame = _resampled(frame, q, u, zoom)
        yield TrainingFrame(
            frame=frame,
            full_scale=255.0 if frame.dtype == np.uint8 else float(camera.sensor.full_scale),
            sampling_q=q_frame,
            u_dof=u_frame,
            blank=blank,
            scene=scene,
            step_dof=float(position) * float(u_frame.flat[0] / u.flat[0] if u.flat[0] else 1),
        )


def _draw_layers(rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a few layers of a thick sample: shift of altitude and share of the light."""
    thickness = np.exp(rng.uniform(np.log(0.3), np.log(6)))
    depths = rng.uniform(-0.5, 0.5, int(rng.integers(2, 5))) * thickness
    shares = rng.uniform(0.2, 1, depths.size)
    shares /= shares.sum()
    return np.column_stack([depths - depths @ shares, shares])


def _thick(renderer: Renderer, position: float, layers: NDArray[np.float64]) -> NDArray[np.float32]:
    """Add up the layers; each shows another part of the same object."""
    total = np.zeros(renderer.frame_shape, dtype=np.float32)
    for k, (depth, share) in enumerate(layers):
        layer = renderer.image(position + depth)
        total += np.float32(share) * np.roll(layer, (k * 97, k * 61), axis=(0, 1))
    return total


def _draw_aberrations(rng: np.random.Generator) -> Aberrations:
    size = rng.uniform(0.01, 0.1) / np.sqrt(5)
    return Aberrations(*(float(v) for v in rng.normal(0, size, 5)))


def _draw_positions(rng: np.random.Generator, heights: int) -> list[float]:
    """Draw focus positions over all distances, in pairs a step apart that suits the distance."""
    out = []
    for _ in range(PAIRS):
        kind = rng.random()
        if kind < 0.42:
            u = 0.4 * np.sqrt(np.expm1(2 * rng.uniform(0, 5.5)))
        elif kind < 0.72:
            u = rng.uniform(0, 55)
        elif kind < 0.8:
            u = rng.uniform(0, 110)
        else:
            u = rng.uniform(0, 1.6)
        if heights > 1:
            u = min(u, 60.0)
        u *= rng.choice([-1.0, 1.0])
        step = max(0.3, abs(u)) * np.exp(rng.uniform(np.log(0.15), np.log(1.6)))
        out += [float(u), float(u + step * rng.choice([-1.0, 1.0]))]
    return [float(np.clip(u, -115, 115)) for u in out]


def _draw_relief(
    rng: np.random.Generator, shape: tuple[int, int]
) -> tuple[NDArray[np.float32], int]:
    """Draw altitudes in depths of field, and tell how many there are."""
    kind = rng.random()
    if kind < TERRACE_SHARE:
        count = int(rng.integers(2, 5))
        span = np.exp(rng.uniform(np.log(1), np.log(50)))
        altitudes = rng.uniform(-span / 2, span / 2, count).astype(np.float32)
        return altitudes[_regions(rng, shape, count)], count
    if kind < TERRACE_SHARE + TILT_SHARE:
        y = np.linspace(-0.5, 0.5, shape[0], dtype=np.float32)[:, None]
        x = np.linspace(-0.5, 0.5, shape[1], dtype=np.float32)[None, :]
        angle, span = rng.uniform(0, 2 * np.pi), np.exp(rng.uniform(np.log(0.5), np.log(25)))
        plane = np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y
        return np.asarray(plane * np.float32(span), dtype=np.float32), MANY
    return np.zeros(shape, dtype=np.float32), 1


def _regions(rng: np.random.Generator, shape: tuple[int, int], count: int) -> NDArray[np.intp]:
    """Divide the field: straight steps, boxes on a ground, or smooth blobs."""
    kind = rng.random()
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    if kind < 0.4:
        angle = rng.uniform(0, np.pi)
        across = np.cos(angle) * x + np.sin(angle) * y
        edges = np.sort(rng.uniform(0.15, 0.85, count - 1))
        low, high = across.min(), across.max()
        return np.digitize(across, low + edges * (high - low))
    if kind < 0.7:
        out = np.zeros(shape, dtype=np.intp)
        for k in range(1, count):
            h, w = (int(n * rng.uniform(0.25, 0.7)) for n in shape)
            top, left = int(rng.integers(shape[0] - h)), int(rng.integers(shape[1] - w))
            out[top : top + h, left : left + w] = k
        return out
    noise = scipy.ndimage.gaussian_filter(rng.standard_normal((24, 24)), rng.uniform(3, 6))
    smooth = np.asarray(scipy.ndimage.zoom(noise, [n / 24 for n in shape], order=1))
    return np.digitize(smooth, np.quantile(smooth, np.sort(rng.uniform(0.15, 0.85, count - 1))))


def _resampled(
    frame: NDArray[np.unsignedinteger], q: float, u: NDArray[np.float32], zoom: float
) -> tuple[NDArray[np.unsignedinteger], float, NDArray[np.float32]]:
    """Resize a frame as software does; a depth of field changes with the pixel, so does U."""
    source = frame.astype(np.float32)
    if zoom < 1:
        source = scipy.ndimage.gaussian_filter(source, 0.45 * (1 / zoom - 1) + 0.1)
    resized = np.asarray(scipy.ndimage.zoom(source, zoom, order=1))
    full = np.iinfo(frame.dtype).max
    new_q = q / zoom
    factor = np.float32((0.5 + q / 8) / (0.5 + new_q / 8))
    rows = np.linspace(0, u.shape[0] - 1, resized.shape[0]).round().astype(int)
    cols = np.linspace(0, u.shape[1] - 1, resized.shape[1]).round().astype(int)
    out = np.clip(np.rint(resized), 0, full).astype(frame.dtype)
    return out, new_q, u[np.ix_(rows, cols)] * factor
