"""What an evaluation of a stack has to say, for people."""

from math import isfinite

from rich.console import Console
from rich.table import Table

from bluesky_autofocus.evaluation import Focus, StackEvaluation
from bluesky_autofocus.optics import Optics

from .report import EvaluatedStack

__all__ = ["print_stack"]


def print_stack(stack: EvaluatedStack, optics: Optics | None, console: Console) -> None:
    """Tell a person what was found on a stack.

    Parameters
    ----------
    stack : EvaluatedStack
        An evaluated stack.
    optics : Optics or None
        What took it; None if nobody knows.
    console : rich.console.Console
        Where to.
    """
    evaluation = stack.evaluation
    console.print()
    console.print(
        f"{stack.folder}: {len(evaluation.planes)} planes, {stack.shape[0]} x {stack.shape[1]}",
        style="bold",
        markup=False,
        soft_wrap=True,
    )
    for what, said in (
        ("optics", _optics_said(optics)),
        ("scale", _scale_said(evaluation)),
        ("reference", _reference_said(evaluation)),
        ("focus", _focus_said(evaluation.focus, evaluation.unit)),
        ("ranks", _ranks_said(evaluation)),
        ("errors", _errors_said(evaluation)),
    ):
        console.print(f"{what:>10}  ", style="dim", end="")
        console.print(said, markup=False, soft_wrap=True)
    console.print(_planes(evaluation))
    console.print(_measures(evaluation))
    for note in evaluation.notes:
        console.print(f"- {note}", style="dim", markup=False, soft_wrap=not console.is_terminal)
    console.print(f"Figure: {stack.figure}", markup=False, soft_wrap=True)


def _planes(evaluation: StackEvaluation) -> Table:
    known, unit = evaluation.scale.known, evaluation.unit
    heads = [f"z ({unit})", "sharpness", "distance (DoF)", "90 %"]
    if known is not None:
        heads.append(f"distance ({unit})")
    table = Table(box=None, header_style="dim", pad_edge=False)
    for head in heads:
        table.add_column(head, justify="right")
    table.add_column("validity")
    for plane in evaluation.planes:
        said = plane.estimate
        low, high = said.interval_dof(0.9)
        cells = [
            f"{plane.z:.6g}",
            f"{said.sharpness:.3f} ± {said.sharpness_std:.3f}",
            f"{said.distance_dof:.3g} ± {said.distance_std_dof:.2g}",
            f"{low:.3g} to {high:.3g}",
        ]
        if known is not None:
            cells.append(f"{said.distance_dof * known:.3g} ± {said.distance_std_dof * known:.2g}")
        cells.append("in focus" if plane.valid and said.in_focus else str(said.validity))
        table.add_row(*cells, style="" if plane.valid else "red")
    return table


def _measures(evaluation: StackEvaluation) -> Table:
    unit = evaluation.unit if evaluation.scale.known is None else "DoF"
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("", no_wrap=True, min_width=max(map(len, evaluation.measures)))
    for head in ("ρ", "ρ valid", f"focus ({evaluation.unit})", f"error ({unit})"):
        table.add_column(head, justify="right")
    table.add_column("place")
    rows = [("estimator", evaluation.rho, evaluation.rho_valid, evaluation.focus)]
    rows += sorted(
        ((m.name, m.rho, m.rho_valid, m.focus) for m in evaluation.measures.values()),
        key=lambda row: -row[1] if isfinite(row[1]) else 2.0,
    )
    for name, rho, rho_valid, focus in rows:
        table.add_row(
            name,
            _decimal(rho),
            _decimal(rho_valid),
            "none" if focus is None else f"{focus.z:.5g}",
            _error_said(focus),
            "" if focus is None else focus.place.said,
            style="bold" if name == "estimator" else "",
        )
    return table


def _error_said(focus: Focus | None) -> str:
    if focus is None or focus.error is None:
        return ""
    return f"{focus.error:+.3g}" if focus.error_dof is None else f"{focus.error_dof:+.2f}"


def _optics_said(optics: Optics | None) -> str:
    if optics is None:
        return "unknown"
    return (
        f"NA {optics.numerical_aperture:g}, {optics.wavelength_um:g} µm, q {optics.sampling_q:.3g},"
        f" depth of field {optics.depth_of_field_um:.3g} µm"
    )


def _scale_said(evaluation: StackEvaluation) -> str:
    scale, unit = evaluation.scale, evaluation.unit
    if scale.value is None:
        return "unknown"
    if not scale.fitted:
        return f"{scale.value:.4g} {unit} per depth of field, from the optics"
    return f"{scale.value:.3g} ± {scale.std or 0:.2g} {unit} per depth of field, fitted"


def _reference_said(evaluation: StackEvaluation) -> str:
    reference = evaluation.reference
    if reference.z is None:
        return reference.source
    return f"{reference.z:.5g} {evaluation.unit}, {reference.source}"


def _focus_said(focus: Focus | None, unit: str) -> str:
    if focus is None:
        return "unknown"
    return f"{focus.z:.5g} ± {focus.std or 0:.2g} {unit}, {focus.place.said}"


def _ranks_said(evaluation: StackEvaluation) -> str:
    return (
        f"ρ {_decimal(evaluation.rho)} over all planes, {_decimal(evaluation.rho_valid)} over the "
        f"{evaluation.valid_planes} valid ones"
    )


def _errors_said(evaluation: StackEvaluation) -> str:
    if not isfinite(evaluation.relative_error):
        return "unknown"
    by = " by the fitted scale" if evaluation.scale.fitted else ""
    return (
        f"median {evaluation.relative_error:.1%} of the distance over {evaluation.far_planes} "
        f"planes outside the depth of field{by}"
    )


def _decimal(value: float) -> str:
    return f"{value:.3f}" if isfinite(value) else "none"
