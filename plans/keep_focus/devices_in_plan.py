"""Whether two device objects stand for the same thing."""

from collections.abc import Iterator

__all__ = ["lineage", "same_device"]


def lineage(device: object) -> Iterator[object]:
    """Iterate over a device and all that it is a part of.

    Parameters
    ----------
    device : object
        Any device.

    Yields
    ------
    object
        The device, its parent, and so on.
    """
    current: object | None = device
    while current is not None:
        yield current
        current = getattr(current, "parent", None)


def same_device(one: object, other: object) -> bool:
    """Tell whether one of two devices is the other, or a part of it, or has its prefix.

    Parameters
    ----------
    one, other : object
        Any devices.

    Returns
    -------
    bool
        Whether who moves one moves the other.
    """
    if any(part is other for part in lineage(one)) or any(part is one for part in lineage(other)):
        return True
    prefixes = [getattr(device, "prefix", "") for device in (one, other)]
    return bool(prefixes[0]) and prefixes[0] == prefixes[1]
