"""Give event values the type that their descriptor announced."""

from typing import Any

from ..errors import CatalogError

__all__ = ["AnnouncedTypes"]


class AnnouncedTypes:
    """The keys of one run that hold real numbers, and a patch that makes them so.

    TiledWriter takes a column's type from the first rows it writes, not from the descriptor: a
    number that reads 0 (an integer) or None for the first hundred events would make a column of
    integers, or of text, and spoil what follows.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, set[str]] = {}

    def descriptor(self, document: dict[str, Any]) -> dict[str, Any]:
        """Note which keys are numbers.

        Parameters
        ----------
        document : dict
            A descriptor.

        Returns
        -------
        dict
            The same.
        """
        self._numbers[document["uid"]] = {
            name for name, key in document["data_keys"].items() if key["dtype"] == "number"
        }
        return document

    def event(self, document: dict[str, Any]) -> dict[str, Any]:
        """Make the announced numbers floats; None becomes NaN.

        Parameters
        ----------
        document : dict
            An event; changed in place.

        Returns
        -------
        dict
            The same.

        Raises
        ------
        CatalogError
            If a whole number is too large for a float.
        """
        data = document["data"]
        for name in self._numbers[document["descriptor"]] & data.keys():
            value = data[name]
            if value is None:
                data[name] = float("nan")
            elif isinstance(value, int):
                if float(value) != value:
                    raise CatalogError(
                        f"{name} reads {value}, which no float holds, but was announced as a "
                        "number. Let its device describe it as an integer."
                    )
                data[name] = float(value)
        return document
