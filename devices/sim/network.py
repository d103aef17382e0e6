"""The Channel Access server of the simulation: loopback only, with channels that can vanish."""

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import caproto as ca
from caproto.asyncio.server import Context, VirtualCircuit
from caproto.server import PvpropertyData

__all__ = ["LOOPBACK", "PortError", "StationServer", "free_port", "port_is_free"]

LOOPBACK = "127.0.0.1"
MAX_REGISTERED = 256
PORTS = range(20_000, 32_000)


class PortError(OSError):
    """A port that another process holds."""


def port_is_free(port: int) -> bool:
    """Whether nobody on this machine holds a loopback port, neither for TCP nor for UDP.

    Parameters
    ----------
    port : int
        Port number.

    Returns
    -------
    bool
        True if both can be bound now.
    """
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:
                # A port in TIME_WAIT is free, as it is to the server.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                return False
    return True


def free_port() -> int:
    """Find a loopback port that is free for TCP and UDP.

    Returns
    -------
    int
        Port number below the range that systems hand out for outgoing connections, so that no
        connection takes it before the caller does.

    Raises
    ------
    PortError
        If 100 attempts find none.
    """
    for _ in range(100):
        port = secrets.choice(PORTS)
        if port_is_free(port):
            return port
    raise PortError(
        f"100 ports of {PORTS} were taken for TCP or UDP; close programs that hold them"
    )


class _Circuit(VirtualCircuit):
    """A client's connection that outlives the channels taken from it."""

    async def take_away(self, name: str) -> None:
        """Tell the client that the server of a record is gone."""
        for channel in list(self.circuit.channels_sid.values()):
            if not _belongs(channel.name, name):
                continue
            await self._cull_subscriptions(None, lambda sub, gone=channel: sub.channel is gone)
            await self.send(ca.ServerDisconnResponse(cid=channel.cid))

    async def _command_queue_iteration(self, command: Any) -> Any:
        if self._orphaned(command):
            return None
        response = await super()._command_queue_iteration(command)
        return None if self._orphaned(command) else response

    def _orphaned(self, command: Any) -> bool:
        """Whether a request came in for a channel that was taken away meanwhile."""
        if isinstance(command, ca.ClearChannelRequest):
            return command.cid not in self.circuit.channels
        sid = getattr(command, "sid", None)
        return sid is not None and sid not in self.circuit.channels_sid

    async def _start_write_task(self, handle_write: Callable[[], Awaitable[None]]) -> None:
        async def answer() -> None:
            try:
                await handle_write()
            except (ca.CaprotoError, KeyError) as error:
                # The move outlasted the channel that asked for it: nobody to answer.
                self.log.debug("Put completion without a channel: %s", error)

        await super()._start_write_task(answer)


class StationServer(Context):
    """Serve PVs on the loopback interface, whatever the environment says.

    It also confirms clients that look for a Channel Access repeater at the same port, so that none
    is started; and it sends no beacons but the one that calls clients back.

    Parameters
    ----------
    pvdb : dict
        PV name to channel.
    port : int
        Port for TCP and UDP.
    """

    CircuitClass = _Circuit

    def __init__(self, pvdb: dict[str, PvpropertyData[Any]], port: int) -> None:
        # caproto takes the addresses of its beacons from the environment alone.
        os.environ["EPICS_CAS_BEACON_ADDR_LIST"] = LOOPBACK
        os.environ["EPICS_CAS_AUTO_BEACON_ADDR_LIST"] = "NO"
        super().__init__(pvdb, [LOOPBACK])
        self.ca_server_port = port
        self._hidden: set[str] = set()
        self._registered: dict[tuple[str, int], None] = {}

    def __getitem__(self, pvname: str) -> Any:
        """Look up a channel for a search or a connection; hidden ones are not there."""
        if any(_belongs(pvname, name) for name in self._hidden):
            raise ca.CaprotoKeyError(f"{pvname} is hidden")
        return super().__getitem__(pvname)

    async def hide(self, record: str) -> None:
        """Take a record and its fields from the network, as if their IOC had died.

        Parameters
        ----------
        record : str
            Record name.
        """
        self._hidden.add(record)
        for circuit in list(self.circuits):
            await circuit.take_away(record)

    async def show(self, record: str) -> None:
        """Put a record back on the network and call its clients.

        Parameters
        ----------
        record : str
            Record name.
        """
        self._hidden.discard(record)
        self.beacon_count += 1
        beacon = ca.Beacon(13, self.port, self.beacon_count, LOOPBACK)
        for address in self._registered:
            await self._reply(address, beacon)

    async def server_accept_loop(self, sock: socket.socket) -> None:
        """Accept clients on connections that send at once.

        With Nagle's algorithm the answer to a put waits until the client has acknowledged the
        monitor before it, which takes the client 40 ms.
        """
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await super().server_accept_loop(sock)

    async def broadcast_beacon_loop(self) -> NoReturn:
        """Send no regular beacons: on the loopback interface nobody forwards them."""
        while True:
            await asyncio.Event().wait()

    async def _broadcaster_queue_iteration(self, addr: tuple[str, int], commands: Any) -> None:
        for command in commands:
            if isinstance(command, ca.RepeaterRegisterRequest):
                if len(self._registered) >= MAX_REGISTERED:
                    self._registered.pop(next(iter(self._registered)))
                self._registered[addr] = None
                await self._reply(addr, ca.RepeaterConfirmResponse(LOOPBACK))
        searches = [c for c in commands if not isinstance(c, ca.RepeaterRegisterRequest)]
        if searches:
            await super()._broadcaster_queue_iteration(addr, searches)

    async def _reply(self, address: tuple[str, int], message: Any) -> None:
        for sock in self.udp_socks.values():
            await sock.sendto(self.broadcaster.send(message), address)


def _belongs(pvname: str, record: str) -> bool:
    return pvname == record or pvname.startswith(f"{record}.")
