"""The table of steps: documents in, lines out."""

import io

import pytest
from event_model import compose_run
from rich.console import Console

from bluesky_autofocus.live import StepTable, position_decimals


def data_keys(data: dict) -> dict:
    kinds = {str: "string", int: "integer", float: "number", bool: "boolean"}
    return {k: {"source": "x", "dtype": kinds[type(v)], "shape": []} for k, v in data.items()}


class Run:
    """A run whose documents go to a table; the printed lines come out."""

    def __init__(self, **settings):
        self.printed = io.StringIO()
        self.table = StepTable(Console(file=self.printed, width=80, force_terminal=False))
        self.bundle = compose_run(metadata={"autofocus": settings} if settings else {})
        self.table("start", dict(self.bundle.start_doc))
        self.streams = {}

    def event(self, stream: str, **data) -> None:
        if stream not in self.streams:
            bundle = self.bundle.compose_descriptor(name=stream, data_keys=data_keys(data))
            self.streams[stream] = bundle
            self.table("descriptor", dict(bundle.descriptor_doc))
        stamps = dict.fromkeys(data, 0.0)
        self.table("event", self.streams[stream].compose_event(data=data, timestamps=stamps))

    def step(self, number, position, sharpness, reason, then, target, condition="good") -> None:
        self.event("primary", step_reason=reason, focus_condition=condition)
        self.event(
            "search",
            search_number=number,
            search_position=position,
            search_sharpness=sharpness,
            search_decision=then,
            search_next=target,
        )

    @property
    def lines(self) -> list[str]:
        return self.printed.getvalue().splitlines()


SETTINGS = {
    "search": "sweep",
    "measure": "tenengrad",
    "window": [-450.0, 450.0],
    "start": 12.5,
    "unit": "um",
    "depth_of_field": 7.26,
}


def test_head_says_what_runs_and_where():
    run = Run(**SETTINGS)
    assert run.lines == [
        f"Run {run.bundle.start_doc['uid'][:8]}: sweep on tenengrad, depth of field 7.26 um",
        "from 12.50 um, window -450.00 to 450.00 um",
        "step       at (um)   sharpness  why                                next (um)",
    ]


def test_step_is_one_aligned_line():
    run = Run(**SETTINGS)
    run.step(1, -450.0, 1.2345e-6, "coarse sweep 1/26", "coarse sweep 2/26", -414.0)
    run.step(10, 82.098, 0.25, "look again at the high side", "in_focus", float("nan"))
    head, *rows = run.lines[2:]
    assert rows == [
        "   1       -450.00   1.234e-06  coarse sweep 1/26                    -414.00",
        "  10         82.10   2.500e-01  look again at the high side         in_focus",
    ]
    assert {len(row) for row in rows} == {len(head)}
    assert len(head) < 80


def test_frame_that_cannot_be_trusted_says_so():
    run = Run(**SETTINGS)
    run.step(1, 0.0, 1.0, "start", "coarse sweep 1/26", 1.0, condition="too_dark")
    assert "start (too_dark)" in run.lines[-1]


def test_step_without_its_search_event_is_not_printed():
    run = Run(**SETTINGS)
    run.event("primary", step_reason="start", focus_condition="good")
    assert len(run.lines) == 3


def test_verdict_is_one_line_however_long():
    run = Run(**SETTINGS)
    run.event("outcome", outcome_verdict="stage_fault", outcome_message="word " * 60)
    assert run.lines[-1] == f"stage_fault: {'word ' * 60}"


def test_sharpness_that_is_not_a_number_is_shown():
    run = Run(**SETTINGS)
    run.step(1, 0.0, float("nan"), "start", "coarse sweep 1/26", 1.0)
    assert run.lines[-1].split()[2] == "nan"


def test_run_of_another_plan_does_not_disturb():
    run = Run()
    run.event("baseline", temperature=1.0)
    assert len(run.lines) == 3


@pytest.mark.parametrize(
    ("depth_of_field", "decimals"),
    [(7.26, 2), (0.2, 3), (1.0, 2), (250.0, 0), (7.26e-3, 5), (0.0, 3), (float("nan"), 3)],
)
def test_positions_show_a_hundredth_of_the_depth_of_field(depth_of_field, decimals):
    assert position_decimals(depth_of_field) == decimals
