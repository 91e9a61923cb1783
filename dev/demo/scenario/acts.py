"""The acts of the story: each gives one trouble, waits what comes of it, and tells its figures."""

import asyncio
import time

from ..stage import say
from . import faults, processes
from .audience import Audience
from .faults import CameraFault, ProcessFault
from .house import House, connection
from .report import FACTOR, Figures, Report
from .states import tells_trouble

PATIENCE = 30.0
"""Seconds after which a picture that did not come back is given up."""


async def play_all(house: House, audience: Audience, report: Report) -> None:
    """Play everything, in order; the report takes the figures."""
    for fault in faults.CAMERA_FAULTS:
        say(f"\n… {house.faulty.title} {fault.told}")
        _tell(report, fault.name, await _camera_fault(house, audience, fault), fault.limits)
    say(f"\n… {house.faulty.title}'s picture is opened while the camera is off")
    opened = await _opened_while_away(house, audience)
    _tell(report, faults.OPENED_WHILE_AWAY, opened, faults.OPENED_LIMITS)
    for process_fault in faults.PROCESS_FAULTS:
        say(f"\n… {process_fault.told}")
        figures = await _process_fault(house, audience, process_fault)
        _tell(report, process_fault.name, figures, process_fault.limits)
    say("\n… Home Assistant restarts")
    _tell(report, faults.RESTARTED, await _restarted(house, audience), faults.RESTARTED_LIMITS)
    say("\n… go2rtc and the relay die again and again")
    _tell(report, faults.CRASH_LOOP, await _crash_loops(house, audience, report), faults.CRASH_LIMITS)


def _tell(report: Report, name: str, figures: Figures, limits: dict[str, float]) -> None:
    broken = report.add(name, figures, limits)
    say(f"  {'✗' if broken else '✓'} {faults.told(figures)}")


async def _camera_fault(house: House, audience: Audience, fault: CameraFault) -> Figures:
    sensor, name = connection(house.faulty), house.faulty.name
    missing = await audience.missing()
    began = time.time()
    await house.simulator.trouble(name, fault.trouble, **fault.body)
    shown = await house.states.wait(sensor, tells_trouble, since=began, limit=faults.SHOWN_S * FACTOR)
    say(f"  shown as “{shown[1]}” after {shown[0] - began:.1f} s" if shown else "  not shown")
    await audience.picture(f"{fault.name}-shown")
    await asyncio.sleep(max(0.0, began + fault.away - time.time()))
    await house.simulator.trouble(name, "resume")
    back = await audience.back_after(time.time(), limit=PATIENCE)
    await audience.picture(f"{fault.name}-back")
    still_missing = await audience.missing(missing)
    others = house.states.since(began, connection(house.calm))
    return {
        "shown_s": shown[0] - began if shown else None,
        "shown_as": shown[1] if shown else None,
        "back_s": back,
        "lost_frames": None if missing is None or still_missing is None else still_missing - missing,
        "others_troubles": sum(tells_trouble(state) for _, state in others),
    }


async def _opened_while_away(house: House, audience: Audience) -> Figures:
    name, began = house.faulty.name, time.time()
    await house.simulator.trouble(name, "reboot", away=600)
    await house.states.wait(
        connection(house.faulty), tells_trouble, since=began, limit=faults.SHOWN_S * FACTOR
    )
    await audience.open_anew()
    # Long enough for the offer to be answered, and for the pauses between two dials to have grown.
    await asyncio.sleep(8.0)
    await audience.picture("opened-while-away")
    await house.simulator.trouble(name, "resume")
    back = await audience.back_after(time.time(), limit=PATIENCE)
    await audience.picture("opened-while-away-back")
    return {"back_s": back}


async def _process_fault(house: House, audience: Audience, fault: ProcessFault) -> Figures:
    pid, began = await processes.send(house.pid, fault.process, fault.number)
    limit = fault.limits["process_s"] * FACTOR + PATIENCE
    await processes.wait_for(house.pid, fault.process, other_than=pid, limit=limit)
    if fault.process == "go2rtc":
        await processes.answers(house.demo.webrtc_port, limit=limit)
    took = time.time() - began
    back = await audience.back_after(began, limit=limit)
    await audience.picture(f"{fault.name}-back")
    return {"process_s": took, "back_s": back}


async def _restarted(house: House, audience: Audience) -> Figures:
    up = await house.restart()
    back = await audience.back_after(up, limit=PATIENCE)
    await audience.picture("restarted-back")
    return {"start_s": house.demo.home.start_seconds, "back_s": back}


async def _crash_loops(house: House, audience: Audience, report: Report) -> Figures:
    loops = await asyncio.gather(*(_crash_loop(house, process) for process in faults.REPAIRS))
    await audience.picture("crash-loop")
    figures: Figures = {}
    for process, (pauses, reason) in zip(faults.REPAIRS, loops, strict=True):
        figures[f"{process}_deaths_until_repair"] = len(pauses) + 1 if reason else None
        figures[f"{process}_pauses_s"] = [round(pause, 1) for pause in pauses]
        figures[f"{process}_reason"] = reason
        if not faults.is_patient(pauses):
            report.failures.append(f"{faults.CRASH_LOOP}: the pauses of {process} do not grow: {pauses}")
    return figures


async def _crash_loop(house: House, process: str) -> tuple[list[float], str]:
    """Kill a process whenever it is back, until a repair says so; returns pauses and reason."""
    pauses: list[float] = []
    pid, killed = await processes.send(house.pid, process, processes.KILL)
    while len(pauses) < 2 * faults.CRASHES:
        issue = await _first(house, process, pid)
        if issue is not None:
            return pauses, issue
        pauses.append(time.time() - killed)
        pid, killed = await processes.send(house.pid, process, processes.KILL)
    return pauses, ""


async def _first(house: House, process: str, pid: int) -> str | None:
    """Wait for another process, or for the repair that says why there is none; returns its reason."""
    async with asyncio.timeout(PATIENCE):
        while processes.find(house.pid, process) in (None, pid):
            if (issue := await house.repair(faults.REPAIRS[process])) is not None:
                return str((issue.get("translation_placeholders") or {}).get("reason"))
            await asyncio.sleep(0.1)
    return None
