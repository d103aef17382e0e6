"""Plain scenes for calibration: one family, one altitude, a good camera, three lights."""

from collections.abc import Iterator, Sequence

import numpy as np

from ...imaging import Illumination, Renderer, Sensor, expose, procedural_object
from ...optics import optics_of_sampling
from .scenes import OBJECT_SHAPE, TrainingFrame

__all__ = ["draw_plain_frames"]

SHAPES = ((1024, 1024), (512, 512))
LEVELS = (0.8, 0.25, 0.08)
FRAMES = 12
DISTANCES_DOF = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


def draw_plain_frames(seed: int, scene: int, families: Sequence[str]) -> Iterator[TrainingFrame]:
    """Draw a plain scene and take its frames, under bright, normal and dim light by turns.

    Frames have 1024 × 1024 pixels in two scenes and 512 × 512 in the two that follow.

    Parameters
    ----------
    seed, scene : int
        Decide everything.
    families : sequence of str
        Families of procedural textures; scene k shows the k-th, in turn.

    Yields
    ------
    TrainingFrame
        Twelve frames, at distances spread evenly over the bins 0-½-1-2-5-10-20-50-100.
    """
    rng = np.random.default_rng([seed, 1, scene])
    # Bits change with every scene, so the size changes with every second one.
    shape = SHAPES[scene // 2 % 2]
    q = float(rng.uniform(0.6, 2))
    radiance = procedural_object(
        families[scene % len(families)],
        OBJECT_SHAPE,
        seed=int(rng.integers(2**31)),
        contrast=float(rng.uniform(0.3, 1)),
    )
    renderer = Renderer(radiance, optics_of_sampling(q), frame_shape=shape)
    sensor = Sensor(
        bits=(8, 12)[scene % 2],
        full_well_e=float(rng.uniform(1e4, 3e4)),
        read_noise_e=float(rng.uniform(2, 8)),
    )
    for k in range(FRAMES):
        bin_ = int(rng.integers(len(DISTANCES_DOF) - 1))
        u = float(rng.uniform(DISTANCES_DOF[bin_], DISTANCES_DOF[bin_ + 1]))
        u *= float(rng.choice([-1.0, 1.0]))
        light = Illumination(
            LEVELS[k % 3], shading=float(rng.uniform(0, 0.2)), vignetting=float(rng.uniform(0, 0.2))
        ).field(shape)
        frame = expose(renderer.image(u) * light, sensor, seed=int(rng.integers(2**31)))
        yield TrainingFrame(
            frame=frame,
            full_scale=float(sensor.full_scale),
            sampling_q=q,
            u_dof=np.full(shape, u, dtype=np.float32),
            blank=False,
            scene=scene,
            step_dof=u,
        )
