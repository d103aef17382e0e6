"""The fields of the simulated motor record: names, types, units and meaning."""

from typing import Any

from caproto import ChannelType
from caproto.server import PVGroup, PvpropertyDouble, pvproperty

__all__ = ["EGU", "MotorFields", "RecordDouble"]

SHORT: Any = ChannelType.INT
MENU: Any = ChannelType.ENUM
TEXT: Any = ChannelType.STRING

EGU = "EGU"
"""Stands for the record's engineering unit in ``units`` until the record knows it."""


class RecordDouble(PvpropertyDouble[Any]):
    """A double whose control limits inform clients and reject nothing.

    A real record receives an out-of-limit put, refuses the move and sets LVIO; caproto would
    reject the put before the record sees it.
    """

    async def verify_value(self, value: Any) -> Any:
        """Hand the value to the putter, whatever the limits say.

        Parameters
        ----------
        value : float
            The value that a client put.

        Returns
        -------
        float
            The value to store.
        """
        return await self.putter(self, value) if self.putter is not None else value


def _double(name: str, doc: str, units: str = EGU, **kwargs: Any) -> pvproperty:
    kwargs.setdefault("value", 0.0)
    dtype: Any = float if kwargs.get("read_only") else RecordDouble
    return pvproperty(name=name, doc=doc, units=units, precision=4, dtype=dtype, **kwargs)


def _flag(name: str, doc: str, value: int = 0, **kwargs: Any) -> pvproperty:
    return pvproperty(name=name, doc=doc, value=value, dtype=SHORT, **kwargs)


def _menu(name: str, doc: str, *labels: str, value: str | None = None) -> pvproperty:
    return pvproperty(
        name=name,
        doc=doc,
        value=labels[0] if value is None else value,
        enum_strings=labels,
        dtype=MENU,
    )


def _text(name: str, doc: str, value: str = "", **kwargs: Any) -> pvproperty:
    return pvproperty(name=name, doc=doc, value=value, dtype=TEXT, **kwargs)


class MotorFields(PVGroup):
    """Every field that the simulated record serves, named as in the motor record's documents."""

    # Target and readback, in user, dial and raw coordinates.
    val = _double("", "Target in user coordinates (.VAL); a put completes when the move ends")
    rbv = _double(".RBV", "Readback of the encoder, user coordinates", read_only=True)
    dval = _double(".DVAL", "Target in dial coordinates")
    drbv = _double(".DRBV", "Readback of the encoder, dial coordinates", read_only=True)
    rval = pvproperty(name=".RVAL", doc="Target in motor steps", value=0, units="steps")
    rrbv = pvproperty(
        name=".RRBV", doc="Readback in motor steps", value=0, units="steps", read_only=True
    )
    rlv = _double(".RLV", "Relative move: adds to VAL, then returns to 0")
    diff = _double(".DIFF", "DVAL minus DRBV", read_only=True)
    # Coordinates.
    off = _double(".OFF", "User offset: user = dial * DIR + OFF")
    dir = _menu(".DIR", "Sense of user against dial coordinates", "Pos", "Neg")
    foff = _menu(
        ".FOFF", "In SET mode VAL changes OFF (Variable) or the dial", "Variable", "Frozen"
    )
    set = _menu(".SET", "A new VAL moves (Use) or redefines the position (Set)", "Use", "Set")
    sync = _flag(".SYNC", "1: make the targets agree with the readbacks")
    # Speed.
    velo = _double(".VELO", "Speed of moves", "EGU/s")
    vbas = _double(".VBAS", "Least value of VELO and BVEL", "EGU/s")
    vmax = _double(".VMAX", "Greatest value of VELO and BVEL; 0 is no limit", "EGU/s")
    accl = _double(".ACCL", "Time from VBAS to VELO", "s")
    bdst = _double(".BDST", "Backlash distance: last approach is from DVAL - BDST; 0 is off")
    bvel = _double(".BVEL", "Speed of the last approach", "EGU/s")
    bacc = _double(".BACC", "Time from VBAS to BVEL", "s")
    hvel = _double(".HVEL", "Speed of the home search", "EGU/s")
    # Limits.
    hlm = _double(".HLM", "User high soft limit")
    llm = _double(".LLM", "User low soft limit")
    dhlm = _double(".DHLM", "Dial high soft limit")
    dllm = _double(".DLLM", "Dial low soft limit; equal to DHLM and 0: soft limits are off")
    hls = _flag(".HLS", "User high limit switch is on", read_only=True)
    lls = _flag(".LLS", "User low limit switch is on", read_only=True)
    rhls = _flag(".RHLS", "Raw high limit switch is on", read_only=True)
    rlls = _flag(".RLLS", "Raw low limit switch is on", read_only=True)
    lvio = _flag(".LVIO", "The last target lay beyond a soft limit and was refused", read_only=True)
    hlsv = _menu(
        ".HLSV", "Alarm severity on a limit switch", "NO_ALARM", "MINOR", "MAJOR", "INVALID"
    )
    # Status.
    dmov = _flag(".DMOV", "1: at rest; goes to 0 for each new target", 1, read_only=True)
    movn = _flag(".MOVN", "1: moving", read_only=True)
    tdir = _flag(".TDIR", "Direction of travel of the drive: 1 up, 0 down", 1, read_only=True)
    cdir = _flag(".CDIR", "Commanded direction of the drive: 1 up, 0 down", 1, read_only=True)
    msta = pvproperty(name=".MSTA", doc="Motor status bits", value=2, read_only=True)
    miss = _flag(".MISS", "1: ran out of retries before reaching the target", read_only=True)
    athm = _flag(".ATHM", "1: at the home position", read_only=True)
    stat = _menu(
        ".STAT", "Alarm status", "NO_ALARM", "READ", "WRITE", "HIHI", "HIGH", "LOLO", "LOW"
    )
    sevr = _menu(".SEVR", "Alarm severity", "NO_ALARM", "MINOR", "MAJOR", "INVALID")
    # Commands.
    stop = _flag(".STOP", "1: brake to rest; the target becomes the readback")
    spmg = _menu(
        ".SPMG", "Stop, Pause, Move (once) or Go", "Stop", "Pause", "Move", "Go", value="Go"
    )
    twv = _double(".TWV", "Tweak step")
    twf = _flag(".TWF", "1: move by +TWV")
    twr = _flag(".TWR", "1: move by -TWV")
    homf = _flag(".HOMF", "1: search for home upwards")
    homr = _flag(".HOMR", "1: search for home downwards")
    # Retries.
    rdbd = _double(".RDBD", "Retry deadband")
    rtry = _flag(".RTRY", "Greatest number of retries; 0 is none")
    rcnt = _flag(".RCNT", "Retries of the last move", read_only=True)
    # Description.
    mres = _double(".MRES", "Motor step", read_only=True)
    egu = _text(".EGU", "Engineering unit of positions")
    prec = _flag(".PREC", "Decimals to show", 3)
    desc = _text(".DESC", "Description", "Simulated focus stage")
    name_field = _text(".NAME", "Record name", read_only=True)
    rtyp = _text(".RTYP", "Record type", "motor", read_only=True)
    # The simulation's own.
    true_position_pv = _double(
        ":TruePosition",
        "Where the carriage really is, machine coordinates: with backlash and noise in it",
        read_only=True,
        alarm_group="simulation",
    )
    backlash = _double(
        ":Backlash", "Mechanical play between drive and carriage, >= 0", alarm_group="simulation"
    )
    noise = _double(
        ":Noise", "Standard deviation of where the carriage settles", alarm_group="simulation"
    )
