"""How long a rendered frame takes: ``python tests/benchmarks/bench_render.py``.

Prints milliseconds of a 1024 × 1024 8-bit frame with noise, each at a new defocus, and the ratio to
a plain Fourier round trip of the same size measured in the same run.
"""

from collections.abc import Callable
from time import perf_counter

import numpy as np
import scipy.fft

from bluesky_autofocus.imaging import (
    Aberrations,
    Illumination,
    Renderer,
    Sensor,
    expose,
    procedural_object,
    terraces,
    tilted,
)
from bluesky_autofocus.optics import Optics, SharpnessCurve, defocused_otf

SHAPE = (1024, 1024)
OPTICS = Optics(0.30, 0.55, magnification=10, pixel_um=3.45)
REPEATS = 31


def timed_ms(work: Callable[[int], object], repeats: int = REPEATS) -> np.ndarray:
    """Time the work `repeats` times after a warm-up, in milliseconds."""
    for k in range(3):
        work(k)
    times = []
    for k in range(repeats):
        start = perf_counter()
        work(k + 3)
        times.append((perf_counter() - start) * 1e3)
    return np.array(times)


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(0)
    defocus = rng.uniform(-60, 60, 200)
    radiance = procedural_object("grain", SHAPE, seed=1)
    renderer = Renderer(radiance, OPTICS)
    aberrated = Renderer(radiance, OPTICS, aberrations=Aberrations(spherical=0.05))
    light = Illumination().field(SHAPE)
    dark = light * np.float32(3e-4)
    sensor = Sensor()
    tilt = tilted(SHAPE, OPTICS, 3.0)
    steps = terraces(SHAPE, (-6.0, 0.0, 9.0), seed=1)

    def round_trip(_: int) -> object:
        spectrum = scipy.fft.rfft2(radiance, workers=2)
        return scipy.fft.irfft2(spectrum, s=SHAPE, workers=2)

    def shot(k: int) -> object:
        return expose(renderer.image(defocus[k]) * light, sensor, seed=k)

    rows: list[tuple[str, Callable[[int], object]]] = [
        ("Fourier round trip, for scale", round_trip),
        ("flat frame with noise, |U| < 60", shot),
        (
            "flat frame with noise, |U| < 3",
            lambda k: expose(renderer.image(defocus[k] / 20) * light, sensor, seed=k),
        ),
        ("  of it: image without noise", lambda k: renderer.image(defocus[k])),
        (
            "  of it: transfer function, 4097 points",
            lambda k: defocused_otf(np.linspace(0, 2, 4097), defocus[k] * 0.6),
        ),
        ("  of it: sensor", lambda k: expose(light, sensor, seed=k)),
        ("sensor at 1 electron a pixel", lambda k: expose(dark, sensor, seed=k)),
        ("tilted, image", lambda k: renderer.image(tilt + np.float32(defocus[k] / 10))),
        ("three terraces, image", lambda k: renderer.image(steps + np.float32(defocus[k]))),
        ("aberrated, image", lambda k: aberrated.image(defocus[k])),
        ("sharpness curve of a new optics", lambda k: SharpnessCurve(0.6 + 0.05 * k)),
    ]
    scale = None
    print(f"{'1024 x 1024, 8 bit':42s} {'median ms':>10s} {'p90 ms':>8s} {'ratio':>7s}")
    for name, work in rows:
        times = timed_ms(work)
        scale = scale or float(np.median(times))
        p90 = np.quantile(times, 0.9)
        print(f"{name:42s} {np.median(times):10.1f} {p90:8.1f} {np.median(times) / scale:7.2f}")


if __name__ == "__main__":
    main()
