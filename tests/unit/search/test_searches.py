"""What holds for every classical search: named curves, and ten thousand random ones."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf, nan, sin

import numpy as np
import pytest

from bluesky_autofocus.errors import SearchError, WindowError
from bluesky_autofocus.measurement import Condition, Measurement
from bluesky_autofocus.search import (
    CURVE_SEARCHES,
    CurveSearch,
    Move,
    Search,
    Window,
    make_curve_search,
    make_search,
)
from bluesky_autofocus.verdict import Outcome, Side, Verdict

Scene = Callable[[float, int], Measurement]
"""What a frame says, by stage position and by its number."""

STAGE_NOISE_DOF = 0.03
WINDOW = Window(-50.0, 50.0)
NAMES = sorted(CURVE_SEARCHES)
ROBUST = ("sweep",)
CLOSING_IN = ("golden", "brent", "hill_climb")


def good(sharpness: float) -> Measurement:
    return Measurement(sharpness)


def peak(position: float, focus: float, width: float) -> float:
    return 1.0 / (1.0 + ((position - focus) / width) ** 2)


@dataclass(frozen=True)
class Run:
    outcome: Outcome
    moves: tuple[Move, ...]
    search: CurveSearch


def run(search: CurveSearch, scene: Scene, seed: int = 0) -> Run:
    noise = np.random.default_rng(seed)
    moves: list[Move] = []
    while not isinstance(step := search.suggest(), Outcome):
        assert step.position_dof in search.window
        moves.append(step)
        assert len(moves) <= search.max_frames
        readback = step.position_dof + STAGE_NOISE_DOF * noise.normal()
        search = search.ingest(readback, scene(readback, len(moves)))
    return Run(step, tuple(moves), search)


@dataclass(frozen=True)
class Case:
    """A scene over `WINDOW`, how it must end, and with which searches."""

    name: str
    scene: Callable[[np.random.Generator], Scene]
    verdict: Verdict
    focus: tuple[float, ...] = ()
    side: Side | None = None
    within: float = 0.5
    searches: tuple[str, ...] = tuple(NAMES)
    settings: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def still(function: Callable[[float], float]) -> Callable[[np.random.Generator], Scene]:
    return lambda _: lambda x, _n: good(function(x))


def noisy(
    function: Callable[[float], float], added: float = 0.0, flicker: float = 0.0
) -> Callable[[np.random.Generator], Scene]:
    return lambda rng: (
        lambda x, _n: good(
            function(x) * (1 + flicker * float(rng.normal())) + added * float(rng.normal())
        )
    )


def conditioned(
    function: Callable[[float], float], bad: Callable[[float], bool], condition: Condition
) -> Callable[[np.random.Generator], Scene]:
    return lambda _: (
        lambda x, _n: Measurement(function(x), condition=condition if bad(x) else Condition.GOOD)
    )


FOCUS = Verdict.IN_FOCUS
FLAT = Verdict.NO_TEXTURE
OUT = Verdict.OUT_OF_RANGE
CASES = (
    Case("narrow", still(lambda x: peak(x, 17.3, 0.4)), FOCUS, (17.3,)),
    Case("usual", still(lambda x: peak(x, -31.6, 1.5)), FOCUS, (-31.6,)),
    Case("wide", still(lambda x: peak(x, 8.2, 6.0)), FOCUS, (8.2,)),
    Case("any scale", still(lambda x: 3e-9 * peak(x, 8.2, 2.0)), FOCUS, (8.2,)),
    Case("negative values", still(lambda x: peak(x, 8.2, 3.0) - 7.0), FOCUS, (8.2,)),
    Case("from the high side", still(lambda x: peak(x, 8.2, 3.0)), FOCUS, (8.2,)),
    Case("a third over a level", still(lambda x: 1 + 0.5 * peak(x, 4, 6)), FOCUS, (4.0,)),
    Case(
        "noise and a floor",
        noisy(lambda x: 0.1 + peak(x, 22.2, 3.0), added=0.02),
        FOCUS,
        (22.2,),
        searches=ROBUST,
    ),
    Case(
        "flicker",
        noisy(lambda x: 0.02 + peak(x, 22.2, 3.0), flicker=0.08),
        FOCUS,
        (22.2,),
        searches=ROBUST,
    ),
    Case(
        "plane by plane",
        still(lambda x: 0.02 + peak(2.0 * round(x / 2.0), 12.0, 3.0)),
        FOCUS,
        (12.0,),
        within=1.0,
    ),
    Case(
        "two peaks, the higher one",
        still(lambda x: peak(x, -20, 3) + 0.6 * peak(x, 25, 3)),
        FOCUS,
        (-20.0,),
        searches=ROBUST,
    ),
    Case(
        "two peaks, either",
        still(lambda x: peak(x, -20, 3) + 0.6 * peak(x, 25, 3)),
        FOCUS,
        (-20.0, 25.0),
    ),
    Case("beyond the low end", still(lambda x: peak(x, -58, 4)), OUT, side=Side.LOW),
    Case("beyond the high end", still(lambda x: peak(x, 58, 4)), OUT, side=Side.HIGH),
    Case("at the low end", still(lambda x: peak(x, -50, 4)), OUT, side=Side.LOW),
    Case("uniform", still(lambda x: 5.0), FLAT, searches=ROBUST),
    Case("black", still(lambda x: 0.0), FLAT, searches=ROBUST),
    Case("rounding", still(lambda x: 1.0 + 1e-15 * peak(x, 3, 4)), FLAT, searches=ROBUST),
    Case("shot noise", noisy(lambda x: 1.0, added=0.003), FLAT, searches=ROBUST),
    Case(
        "uniform as far as seen", still(lambda x: 5.0), Verdict.NOT_CONVERGED, searches=CLOSING_IN
    ),
    Case(
        "a peak that noise hides from afar",
        noisy(lambda x: 0.1 + peak(x, 44.4, 0.5), added=0.02),
        Verdict.NOT_CONVERGED,
        searches=("golden", "hill_climb"),
    ),
    Case("not a number", lambda _: lambda x, _n: good(nan), Verdict.NOT_CONVERGED),
    Case("infinite", lambda _: lambda x, _n: good(inf), Verdict.NOT_CONVERGED),
    Case(
        "saturated",
        conditioned(lambda x: peak(x, 3, 3), lambda x: True, Condition.SATURATED),
        Verdict.SATURATED,
    ),
    Case(
        "dark",
        conditioned(lambda x: peak(x, 3, 3), lambda x: True, Condition.TOO_DARK),
        Verdict.TOO_DARK,
    ),
    Case(
        "saturated at the peak",
        conditioned(lambda x: peak(x, 3, 5), lambda x: abs(x - 3) < 4, Condition.SATURATED),
        Verdict.SATURATED,
        searches=("sweep",),
    ),
    Case(
        "saturated from the peak on",
        conditioned(lambda x: peak(x, 3, 5), lambda x: x > 0, Condition.SATURATED),
        Verdict.SATURATED,
        searches=("sweep", "golden"),
    ),
    Case(
        "saturated at one end",
        conditioned(lambda x: peak(x, -9.3, 4), lambda x: x > 20, Condition.SATURATED),
        FOCUS,
        (-9.3,),
    ),
    Case(
        "dark at both ends",
        conditioned(lambda x: peak(x, -2.2, 4), lambda x: abs(x) > 35, Condition.TOO_DARK),
        FOCUS,
        (-2.2,),
    ),
    Case(
        "one frame is not a number",
        lambda _: lambda x, n: good(nan if n == 3 else peak(x, -9.3, 4)),
        FOCUS,
        (-9.3,),
    ),
)
BY_SEARCH = [
    pytest.param(case, name, id=f"{case}-{name}") for case in CASES for name in case.searches
]


def elsewhere(case: Case, search: CurveSearch) -> tuple[CurveSearch, Scene]:
    """Move search and scene along the stage: what a search says of them does not change.

    By a power of two, so that the positions are the same but for their last digits.
    """
    by, scene = 1024.0, case.scene(np.random.default_rng(3))
    window = Window(search.window.low_dof + by, search.window.high_dof + by)
    moved = replace(search, window=window, start_dof=search.start_dof + by)
    return moved, lambda x, n: scene(x - by, n)


@pytest.mark.parametrize(("case", "name"), BY_SEARCH)
def test_a_named_curve_ends_as_it_must(case: Case, name: str):
    approach = Side.HIGH if case.name == "from the high side" else Side.LOW
    search = make_curve_search(name, window=WINDOW, start_dof=1.0, approach=approach)
    assert isinstance(search, Search)
    ended = run(search, case.scene(np.random.default_rng(3)))
    assert ended.outcome.verdict is case.verdict, ended.outcome
    assert ended.outcome.side is case.side
    assert ended.outcome.detail
    assert ended.outcome.detail == run(*elsewhere(case, search)).outcome.detail
    if case.focus:
        position, error = ended.outcome.position_dof, ended.outcome.expected_error_dof
        assert position is not None
        assert error is not None
        assert min(abs(position - focus) for focus in case.focus) <= case.within
        assert 0.0 <= error < 3.0


def test_focus_is_told_by_how_much_sharper_it_is():
    search = make_curve_search("sweep", window=WINDOW, start_dof=1.0)
    detail = run(search, lambda x, n: good(0.2 + peak(x, 8.2, 3.0))).outcome.detail
    assert detail == "The sharpness is 5.85 times that of its surroundings: 1.2 against 0.205."
    below_zero = run(search, lambda x, n: good(peak(x, 8.2, 3.0) - 7.0)).outcome.detail
    assert below_zero.startswith("The sharpness is higher than in its surroundings: -6 against -6.")


@pytest.mark.parametrize("name", NAMES)
def test_the_last_frame_is_at_the_final_position(name: str):
    ended = run(
        make_curve_search(name, window=WINDOW, start_dof=1.0), lambda x, n: good(peak(x, 8.2, 3.0))
    )
    assert ended.moves[-1].reason.startswith("confirm")
    assert ended.search.history[-1].position_dof == ended.outcome.position_dof


@pytest.mark.parametrize("name", NAMES)
def test_a_peak_that_is_gone_when_looked_at_again_is_refused(name: str):
    search = make_curve_search(name, window=WINDOW, start_dof=1.0)
    clean = run(search, lambda x, n: good(peak(x, 8.2, 3.0)))
    again = next(i for i, move in enumerate(clean.moves) if move.reason.startswith("look again"))
    ended = run(search, lambda x, n: good(peak(x, 8.2 if n <= again else 33.0, 3.0)))
    assert ended.outcome.verdict is Verdict.NOT_CONVERGED


@pytest.mark.parametrize("name", NAMES)
def test_light_that_fails_at_the_end_is_named(name: str):
    search = make_curve_search(name, window=WINDOW, start_dof=1.0)
    frames = len(run(search, lambda x, n: good(peak(x, 8.2, 3.0))).moves)

    def scene(x: float, n: int) -> Measurement:
        dark = Condition.TOO_DARK if n == frames else Condition.GOOD
        return Measurement(peak(x, 8.2, 3.0), condition=dark)

    assert run(search, scene).outcome.verdict is Verdict.TOO_DARK


@pytest.mark.parametrize("name", NAMES)
def test_a_lamp_that_warms_up_is_no_peak(name: str):
    search = make_curve_search(name, window=WINDOW, start_dof=1.0)
    for rate in (0.003, -0.003, 0.03, -0.01):
        ended = run(search, lambda x, n, rate=rate: good(1 + rate * n))
        assert ended.outcome.verdict is not Verdict.IN_FOCUS


def test_one_flash_is_no_peak():
    search = make_curve_search("sweep", window=WINDOW, start_dof=1.0)
    for flash in (5, 12, 26):
        ended = run(search, lambda x, n, flash=flash: good(9.0 if n == flash else 1.0))
        assert ended.outcome.verdict is Verdict.NOT_CONVERGED
        assert ended.outcome.detail.startswith("One frame alone")


def test_few_frames_of_mere_noise_are_no_peak():
    for seed in range(1500):
        rng = np.random.default_rng(seed)
        search = make_curve_search("hill_climb", window=WINDOW, start_dof=rng.uniform(-50, 50))
        ended = run(search, lambda x, n, rng=rng: good(float(rng.normal())), seed)
        assert ended.outcome.verdict is not Verdict.IN_FOCUS, seed


@pytest.mark.parametrize("name", NAMES)
def test_suggest_is_pure_and_ingest_leaves_the_old_search_alone(name: str):
    search = make_curve_search(name, window=WINDOW, start_dof=1.0)
    ended = run(search, lambda x, n: good(peak(x, 8.2, 3.0)))
    assert search.history == ()
    replayed = search
    for sample, move in zip(ended.search.history, ended.moves, strict=True):
        assert replayed.suggest() == move == replayed.suggest()
        replayed = replayed.ingest(sample.position_dof, sample.measurement)
    assert replayed == ended.search
    assert replayed.suggest() == ended.outcome
    assert replayed.ingest(0.0, good(1.0)).suggest() == ended.outcome


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("approach", list(Side))
def test_the_peak_is_approached_from_the_side_asked_for(name: str, approach: Side):
    search = make_curve_search(name, window=WINDOW, start_dof=1.0, approach=approach)
    moves = run(search, lambda x, n: good(peak(x, 8.2, 3.0))).moves
    looks = [move for move in moves if move.reason.startswith("look again")]
    assert looks[-1].reason == f"look again at the {approach} side"
    assert (looks[-1].position_dof < 8.2) == (approach is Side.LOW)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [0.2, 1.0, 7.0, 1000.0])
def test_windows_of_any_width_are_searched_within_the_bound(name: str, width: float):
    window = Window(3.0, 3.0 + width)
    focus, sharp = 3.0 + 0.41 * width, max(0.05 * width, 0.05)
    search = make_curve_search(name, window=window, start_dof=3.0, tolerance_dof=0.02)
    outcome = run(search, lambda x, n: good(peak(x, focus, sharp))).outcome
    if outcome.verdict is Verdict.IN_FOCUS:
        assert outcome.position_dof == pytest.approx(focus, abs=0.1 * sharp + 0.1)
    else:
        # The stage's own noise hides the peak of so narrow a window.
        assert width <= 1.0


@pytest.mark.parametrize("start", [-50.1, 51.0, nan, inf])
def test_a_start_outside_the_window_is_refused(start: float):
    for name in NAMES:
        with pytest.raises(WindowError, match=r"start .* lies outside the window \[-50, 50\]"):
            make_curve_search(name, window=WINDOW, start_dof=start)


@pytest.mark.parametrize("tolerance", [0.0, -1.0, nan, inf])
def test_an_impossible_tolerance_is_refused(tolerance: float):
    for name in NAMES:
        with pytest.raises(SearchError, match="tolerance"):
            make_curve_search(name, window=WINDOW, start_dof=0.0, tolerance_dof=tolerance)


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("simplex", {}, r"no search 'simplex'.*sweep, golden, brent, hill_climb"),
        ("golden", {"coarse_points": 9}, r"no setting coarse_points.*tolerance_dof"),
        ("golden", {"history": ()}, r"no setting history"),
        ("sweep", {"coarse_points": 2}, "coarse sweep has 2 points"),
        ("sweep", {"fine_points": 20_000}, "fine sweep has 20000 points"),
        ("brent", {"max_evaluations": 2}, "2 evaluations"),
        ("hill_climb", {"max_steps": 0}, "0 steps"),
        ("hill_climb", {"first_step_dof": nan}, "first step is nan"),
    ],
)
def test_impossible_settings_are_refused(name: str, settings: dict, says: str):
    with pytest.raises(SearchError, match=says):
        make_search(name, window=WINDOW, start_dof=0.0, **settings)


SEARCHES_OF_EACH = 2500


def random_scene(kind: str, rng: np.random.Generator, window: Window) -> tuple[Scene, list[float]]:
    """Make a scene of a kind, and where its foci are."""
    low, high, width = window.low_dof, window.high_dof, window.width_dof
    focus = float(rng.uniform(low + 0.1 * width, high - 0.1 * width))
    sharp = float(np.exp(rng.uniform(np.log(0.4), np.log(0.05 * width))))
    scale, floor = float(10 ** rng.uniform(-8, 8)), float(rng.uniform(0, 0.2))
    noise, rate = float(10 ** rng.uniform(-4, -1)), float(rng.uniform(-0.02, 0.02))
    beyond = float(rng.choice([low - rng.uniform(2, 20), high + rng.uniform(2, 20)]))

    def draw() -> float:
        return float(rng.normal())

    def light(x: float) -> Condition:
        return Condition.SATURATED if x > focus else Condition.TOO_DARK

    garbage = (nan, inf, -inf, 0.0, 1e308, -1e308, 5e-324, 1.0, -1.0)
    scenes: dict[str, tuple[Scene, list[float]]] = {
        "clean peak": (lambda x, n: good(scale * peak(x, focus, sharp)), [focus]),
        "noisy peak": (
            lambda x, n: good(
                scale * (floor + peak(x, focus, sharp)) * (1 + 0.05 * draw())
                + scale * 0.01 * draw()
            ),
            [focus],
        ),
        "planes": (
            lambda x, n: good(floor + peak(focus + round((x - focus) / 1.5) * 1.5, focus, sharp)),
            [focus],
        ),
        "edge": (lambda x, n: good(scale * (floor + peak(x, beyond, 3.0))), []),
        "noisy edge": (lambda x, n: good((0.02 + peak(x, beyond, 5)) * (1 + 0.05 * draw())), []),
        "flat": (lambda x, n: good(scale * (1 + noise * draw())), []),
        "drift": (lambda x, n: good(1 + rate * n + 0.003 * draw()), []),
        "slow flicker": (lambda x, n: good(1 + 0.1 * sin(n * (1 + 50 * abs(rate)) / 8)), []),
        "garbage": (lambda x, n: good(garbage[int(rng.integers(len(garbage)))]), []),
        "bad light": (lambda x, n: Measurement(draw(), condition=light(x)), []),
    }
    return scenes[kind]


KINDS = (
    "clean peak",
    "noisy peak",
    "planes",
    "edge",
    "noisy edge",
    "flat",
    "drift",
    "slow flicker",
    "garbage",
    "bad light",
)


@pytest.mark.parametrize("name", NAMES)
def test_random_searches_stay_inside_end_in_time_and_never_find_a_false_peak(name: str):
    verdicts: dict[str, Counter[Verdict]] = defaultdict(Counter)
    frames: dict[str, list[int]] = defaultdict(list)
    far: Counter[str] = Counter()
    for seed in range(SEARCHES_OF_EACH):
        rng = np.random.default_rng([len(name), seed])
        kind = KINDS[seed % len(KINDS)]
        middle, width = rng.uniform(-500, 500), rng.choice([20.0, 60.0, 100.0])
        window = Window(float(middle - width / 2), float(middle + width / 2))
        scene, foci = random_scene(kind, rng, window)
        search = make_curve_search(
            name,
            window=window,
            start_dof=float(rng.uniform(window.low_dof, window.high_dof)),
            approach=Side.LOW if rng.random() < 0.5 else Side.HIGH,
        )
        ended = run(search, scene, seed)
        verdicts[kind][ended.outcome.verdict] += 1
        frames[kind].append(len(ended.moves))
        if ended.outcome.position_dof is not None and foci:
            far[kind] += min(abs(ended.outcome.position_dof - focus) for focus in foci) > 1.0
    print()
    for kind in KINDS:
        counted = ", ".join(f"{verdict} {n}" for verdict, n in verdicts[kind].most_common())
        median, high = np.percentile(frames[kind], [50, 95])
        print(f"{name:10} {kind:12} frames {median:.0f} / {high:.0f}, far {far[kind]}: {counted}")

    for kind in KINDS[3:]:
        assert verdicts[kind][Verdict.IN_FOCUS] == 0, kind
    assert far["clean peak"] == 0
    assert far["noisy peak"] + far["planes"] <= 0.02 * SEARCHES_OF_EACH / 5
    least = {"sweep": 0.99, "golden": 0.97, "brent": 0.95, "hill_climb": 0.9}[name]
    if name != "hill_climb":
        assert verdicts["planes"][Verdict.IN_FOCUS] >= 0.98 * SEARCHES_OF_EACH / len(KINDS)
    assert verdicts["clean peak"][Verdict.IN_FOCUS] >= least * SEARCHES_OF_EACH / len(KINDS)
