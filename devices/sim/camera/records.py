"""PVs in pairs of setpoint and readback, as areaDetector's databases lay them out."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from caproto import ChannelType, SkipWrite
from caproto.server import PvpropertyData, PVSpec

from devices.sim.camera.pair import Pair, RefusedError, Value

__all__ = ["Records"]

logger = logging.getLogger(__name__)

TEXT_LENGTH = 256
"""Longest path, name or message, bytes: areaDetector's own bound."""


Check = Callable[[Any], Value]
Then = Callable[[], Awaitable[None]]
Put = Callable[[PvpropertyData, Any], Awaitable[Any]]
# Without a group, caproto calls hooks with the channel first; its types only know groups.
Hook = Any


class Records:
    """PVs under one prefix; a subclass is a camera or one of its plugins.

    Parameters
    ----------
    prefix : str
        Prefix of every name, with the trailing colon.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.pvdb: dict[str, PvpropertyData] = {}

    async def refuse(self, message: str) -> None:
        """Tell the client why a put was not followed; a subclass shows it in its own PV."""
        logger.warning("%s%s", self.prefix, message)

    def add(
        self,
        name: str,
        value: Any,
        doc: str,
        *,
        dtype: Any = None,
        read_only: bool = True,
        put: Hook = None,
        startup: Hook = None,
        shutdown: Hook = None,
        max_length: int | None = None,
        record: str | None = None,
        **metadata: Any,
    ) -> PvpropertyData:
        """Serve one PV.

        Parameters
        ----------
        name : str
            Name without the prefix.
        value : object
            Value before anything is written.
        doc : str
            What the PV means.
        dtype : object, optional
            Type as caproto takes it; by default that of the value.
        read_only : bool
            Whether clients may only read it.
        put, startup, shutdown : coroutine functions, optional
            Hooks of caproto.
        max_length : int, optional
            Longest array or text.
        record : str, optional
            Record type whose fields are served too.
        **metadata : object
            Units, precision, labels.

        Returns
        -------
        caproto.server.PvpropertyData
            The channel.
        """
        spec = PVSpec(
            name=self.prefix + name,
            attr=name,
            value=value,
            dtype=dtype,
            doc=doc,
            read_only=read_only and put is None,
            put=put,
            startup=startup,
            shutdown=shutdown,
            max_length=max_length,
            record=record,
            cls_kwargs=metadata,
        )
        self.pvdb[self.prefix + name] = channel = spec.create(None)
        return channel

    def text(self, name: str, value: str, doc: str) -> PvpropertyData:
        """Serve a long text for reading (a waveform of CHAR)."""
        return self.add(
            name,
            value,
            doc,
            dtype=ChannelType.CHAR,
            max_length=TEXT_LENGTH,
            string_encoding="utf-8",
        )

    def string(self, name: str, value: str, doc: str) -> PvpropertyData:
        """Serve a short string for reading (up to 39 bytes)."""
        return self.add(name, value, doc, dtype=ChannelType.STRING)

    def state(self, name: str, value: str, doc: str, labels: Sequence[str]) -> PvpropertyData:
        """Serve one of several states for reading."""
        return self.add(name, value, doc, dtype=ChannelType.ENUM, enum_strings=list(labels))

    def number(
        self,
        name: str,
        value: int | float,
        doc: str,
        *,
        check: Check | None = None,
        then: Then | None = None,
        **metadata: Any,
    ) -> Pair:
        """Serve a number and its readback."""
        kind = type(value)

        def checked(wanted: Any) -> Value:
            return kind(check(wanted) if check else wanted)

        return self._pair(name, value, doc, checked, then, dtype=kind, **metadata)

    def choice(
        self,
        name: str,
        value: str,
        doc: str,
        labels: Sequence[str],
        *,
        readback_labels: Sequence[str] = (),
        check: Check | None = None,
        then: Then | None = None,
        put: Put | None = None,
        record: str | None = None,
    ) -> Pair:
        """Serve one of several labels and its readback."""

        def checked(wanted: Any) -> Value:
            if wanted not in labels:
                raise RefusedError(f"choose one of {', '.join(labels)}")
            return check(wanted) if check else wanted

        return self._pair(
            name,
            value,
            doc,
            checked,
            then,
            dtype=ChannelType.ENUM,
            put=put,
            record=record,
            labels=tuple(labels),
            readback_labels=tuple(readback_labels),
        )

    def text_pair(
        self,
        name: str,
        value: str,
        doc: str,
        *,
        check: Check | None = None,
        then: Then | None = None,
    ) -> Pair:
        """Serve a long text and its readback."""

        def checked(wanted: Any) -> Value:
            plain = str(wanted).split("\x00", 1)[0]
            return check(plain) if check else plain

        return self._pair(
            name,
            value,
            doc,
            checked,
            then,
            dtype=ChannelType.CHAR,
            max_length=TEXT_LENGTH,
            string_encoding="utf-8",
        )

    def fixed(self, name: str, value: Value, doc: str, labels: Sequence[str] = ()) -> Pair:
        """Serve a setting that real cameras have and this one keeps as it is."""

        def unchanged(wanted: Any) -> Value:
            if wanted != value:
                raise RefusedError(f"the simulation knows only {value!r}; leave it")
            return value

        if labels:
            return self.choice(name, str(value), doc, labels, check=unchanged)
        if isinstance(value, str):
            return self._pair(name, value, doc, unchanged, None, dtype=ChannelType.STRING)
        return self.number(name, value, doc, check=unchanged)

    def _pair(
        self,
        name: str,
        value: Value,
        doc: str,
        check: Check,
        then: Then | None,
        *,
        put: Put | None = None,
        record: str | None = None,
        labels: tuple[str, ...] = (),
        readback_labels: tuple[str, ...] = (),
        **common: Any,
    ) -> Pair:
        async def follow(instance: PvpropertyData, wanted: Any) -> Any:
            try:
                accepted = check(wanted)
            except (OverflowError, ValueError) as refusal:
                await self.refuse(f"{name} = {wanted!r} is refused: {refusal}")
                raise SkipWrite from None
            await pair.show(accepted)
            if then is not None:
                await then()
            return accepted

        setpoint_labels: dict[str, Any] = {"enum_strings": list(labels)} if labels else {}
        shown_labels: dict[str, Any] = (
            {"enum_strings": list(readback_labels or labels)} if labels else {}
        )
        shown = value
        if readback_labels:
            shown = readback_labels[labels.index(str(value))]
        pair = Pair(
            setpoint=self.add(name, value, doc, put=put or follow, **common, **setpoint_labels),
            readback=self.add(
                f"{name}_RBV", shown, f"{doc} (in force)", record=record, **common, **shown_labels
            ),
            labels=labels,
            readback_labels=readback_labels,
        )
        return pair
