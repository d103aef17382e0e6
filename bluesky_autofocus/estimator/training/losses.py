"""What the networks are taught: cross entropy against the true distribution of defocus."""

import torch
from torch import Tensor

from ..distribution import soft_histogram

__all__ = ["cross_entropy", "target"]


def target(u_dof: Tensor, blank: Tensor) -> Tensor:
    """Return the true distribution over the grid, and "nothing" for a blank sample.

    Parameters
    ----------
    u_dof : torch.Tensor
        Defocus, shape (..., m), depths of field.
    blank : torch.Tensor
        Shape (...), bool.

    Returns
    -------
    torch.Tensor
        Shape (..., `BINS` + 1), sum 1.
    """
    share = blank[..., None].float()
    return torch.cat([soft_histogram(u_dof) * (1 - share), share], dim=-1)


def cross_entropy(
    logits: Tensor, truth: Tensor, dim: int, *, weights: Tensor | None = None
) -> Tensor:
    """Mean cross entropy.

    Parameters
    ----------
    logits : torch.Tensor
        Unnormalised log probabilities along `dim`.
    truth : torch.Tensor
        Probabilities, same shape.
    dim : int
        Where the classes lie.
    weights : torch.Tensor, optional
        How much each counts; a shape that goes with that of `logits` without `dim`.

    Returns
    -------
    torch.Tensor
        A number.
    """
    each = -(truth * torch.log_softmax(logits, dim=dim)).sum(dim)
    return (each if weights is None else each * weights).mean()
