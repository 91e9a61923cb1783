"""What happens to an account: a sign-in by the pages, a log-out of everybody, a new sign-in, a one-time one.

Figures of the report, under `account`::

    {"cameras": 5,                    that arrived and play
     "refreshes": 3, "log_ins": 0,    calls that the log-out of everybody cost before the person did anything
     "notice_s": 3.2,                 from the log-out to the request to sign in again
     "longest_gap_s": 0.21,           between two frames of a tab that watched all of it
     "one_time_cameras": 5, "one_time_calls": 0}   calls after it, over a restart of Home Assistant
"""

import asyncio
import time
from pathlib import Path

from playwright.async_api import Error as BrowserProblem, Page

from dev.home import PASSWORD, USERNAME, RigError
from dev.home.browser import Browser, open_dialog

from ..pages import Pages
from ..picture import Picture
from ..report import Report, empty, keep_logs, tell
from ..scenario.report import FACTOR
from ..stage import DASHBOARD, DOMAIN, DemoError, make_dashboard, say
from ..traces import in_files
from ..viewing import view_all
from .town import READY_S, Town

INVITATION = """
Home Assistant has no camera yet, and a vendor cloud stands beside it that knows five:

  address     {url}
  name        {user}
  password    {word}

Add the integration "Wyze Local" and sign in. Networks: 127.0.0.0/8.

  e-mail      {email}
  password    {password}
  key id      {key_id}
  API key     {api_key}
  second factor: {control}/users/{email} shows the authenticator's code and text messages

Log everybody out:  curl -X POST {control}/invalidate
Ctrl-C ends everything.
"""
NOTICE_S = 30.0
MOST_REFRESHES = 3
LONGEST_GAP_S = 1.0
TOLD = "WARNING (MainThread) [custom_components.wyze_local] An account is not as it should be (refused)"
"""What the log says of the log-out."""
WATCHED = "hall"
"""The camera that the tab watches which stays open."""


async def account(output: Path, port: int | None, report: Report) -> None:
    """Play the story unattended; the report takes figures, pictures and failures."""
    async with Town(port) as town:
        try:
            # A card out of sight asks for no picture.
            async with Browser(height=1600) as browser:
                await _play(town, browser, output, report)
        except (BrowserProblem, DemoError, RigError, TimeoutError) as err:
            report.failures.append(f"the account: {err!r}".replace("\n", " "))
        problems = await asyncio.to_thread(keep_logs, town, output, "account-")
        # That the vendor logged everybody out is to be told, once.
        told = [problem for problem in problems if TOLD in problem]
        report.failures += told[1:] or [problem for problem in problems if problem not in told]
        report.failures += await asyncio.to_thread(_traces, town)


async def account_alone(output: Path | None, port: int | None) -> int:
    """Play the story by itself, or lay everything out for a person to try; returns the exit status."""
    if output is None:
        async with Town(port) as town:
            more = {"control": f"{town.simulator.control_url}/cloud", **town.person}
            say(INVITATION.format(url=town.home.url, user=USERNAME, word=PASSWORD, **more))
            await town.home.wait()
        return 1
    report = Report()
    await asyncio.to_thread(empty, output)
    await account(output, port, report)
    return tell(report)


async def _play(town: Town, browser: Browser, output: Path, report: Report) -> None:
    page = await browser.sign_in(town.home.url)
    pages = Pages(page, town.home.url)
    try:
        say("… signing in to the vendor account, by the pages")
        await _set_up(town, pages, output, report, keep=True)
        await town.arrive()
        await make_dashboard(town.home, town.simulator)
        await pages.open(DASHBOARD)
        await view_all(town.home, town.simulator, page, output, report, part="account-")
        report.account["cameras"] = len(town.simulator.cameras)
        tab = await browser.sign_in(f"{town.home.url}/{DASHBOARD}")
        watched = await _watch(town, tab)
        await _log_out(town, pages, output, report)
        await _sign_in_again(town, pages, output, report)
        await _judge_gap(tab, watched, output, report)
        await tab.close()
        # From here on the frontend itself minds that Home Assistant is away.
        report.failures += [f"the page: {problem}" for problem in browser.problems]
        await _one_time(town, pages, output, report)
    except BrowserProblem, DemoError, TimeoutError:
        await report.picture(page, output / "account-failure.png")
        raise


async def _set_up(town: Town, pages: Pages, output: Path, report: Report, *, keep: bool) -> None:
    """Go through the whole set-up of an account."""
    name = "account" if keep else "one-time"
    await pages.add_integration()
    await pages.arrive("Wyze Local")
    await pages.choose("Sign in with the vendor account")
    await pages.arrive("Camera networks")
    await pages.add_line("networks", "127.0.0.0/8")
    await pages.submit()
    await pages.arrive("Sign in")
    person = {field: town.person[field] for field in ("email", "password", "key_id", "api_key")}
    await pages.fill(**person, keep=keep)
    await report.picture(pages.page, output / f"{name}-sign-in.png")
    await pages.submit()
    await pages.arrive("Second factor")
    await pages.choose("Code from an authenticator app")
    await pages.arrive("Code from your authenticator")
    await pages.fill(code=await town.code())
    await pages.submit()
    await pages.arrive("Which cameras are yours?")
    await report.picture(pages.page, output / f"{name}-cameras.png")
    await pages.submit()
    await pages.arrive("Recovery passphrase")
    await pages.submit()
    await pages.finish()


async def _watch(town: Town, tab: Page) -> float:
    """Open a camera in a tab that stays; returns since when its picture moves, as a Unix time."""
    names = [camera.name for camera in town.simulator.cameras]
    await tab.locator("hui-picture-entity-card").nth(len(names) - 1).wait_for()
    await open_dialog(tab, names.index(WATCHED))
    await tab.wait_for_function("playback.visibleFrames() >= 30", timeout=30_000)
    return time.time()


async def _log_out(town: Town, pages: Pages, output: Path, report: Report) -> None:
    """Let the vendor log everybody out, and wait for the request to sign in again."""
    say("… the vendor logs everybody out")
    began, before = time.time(), await town.newest_call()
    await town.simulator.tell_cloud("invalidate")
    sensor = await town.account_sensor()
    await town.home.client.call("homeassistant", "update_entity", entity_id=sensor)
    await town.home.client.wait_for_state(sensor, "signed_out", limit=NOTICE_S)
    while not (asked := await town.asked_to_sign_in()):
        if time.time() > began + NOTICE_S:
            raise DemoError("Nobody asks to sign in again.")
        await asyncio.sleep(0.1)
    report.account["notice_s"] = round(time.time() - began, 1)
    calls = [call["endpoint"] for call in await town.calls(since=before)]
    refreshes, log_ins = calls.count("refresh"), calls.count("login")
    report.account |= {"refreshes": refreshes, "log_ins": log_ins}
    if refreshes > MOST_REFRESHES or log_ins or len(asked) != 1:
        report.failures.append(
            f"the log-out: {refreshes} refreshes (at most {MOST_REFRESHES} wanted), {log_ins} log-ins (0), "
            f"{len(asked)} requests (1)"
        )
    await pages.open("config/integrations/dashboard")
    await pages.page.locator("ha-config-flow-card").wait_for()
    await report.picture(pages.page, output / "account-notice.png")


async def _sign_in_again(town: Town, pages: Pages, output: Path, report: Report) -> None:
    say("… signing in again")
    await pages.page.locator("ha-config-flow-card ha-button").first.click()
    await pages.arrive("Sign in again")
    await pages.fill(password=town.person["password"])
    await report.picture(pages.page, output / "account-sign-in-again.png")
    await pages.submit()
    await pages.arrive("Second factor")
    await pages.choose("Send a text message to my phone")
    await pages.arrive("Code from a text message")
    await pages.fill(code=await town.message())
    await pages.submit()
    await town.home.client.wait_for_state(await town.account_sensor(), "signed_in", limit=READY_S)
    if await town.asked_to_sign_in():
        report.failures.append("the new sign-in: the request to sign in again is still there")


async def _judge_gap(tab: Page, since: float, output: Path, report: Report) -> None:
    """Look whether the tab that watched all of it ever stood still."""
    gap = await Picture(tab).longest_gap(since)
    report.account["longest_gap_s"] = round(gap, 2)
    most = LONGEST_GAP_S * FACTOR
    if gap > most:
        report.failures.append(
            f"the log-out: the picture stood still for {gap:.1f} s (at most {most:g} wanted)"
        )
    await report.picture(tab, output / "account-tab.png")


async def _one_time(town: Town, pages: Pages, output: Path, report: Report) -> None:
    """Remove the account and sign in once, without staying signed in; then restart."""
    say("… removing the account; signing in once, without staying signed in")
    for entry in await town.entries():
        await town.home.client.rest("DELETE", f"/api/config/config_entries/entry/{entry['entry_id']}")
    await _set_up(town, pages, output, report, keep=False)
    await town.arrive()
    await pages.open(f"config/integrations/integration/{DOMAIN}")
    await pages.page.get_by_text("Wyze cameras").first.wait_for()
    await report.picture(pages.page, output / "one-time-entry.png")
    before = await town.newest_call()
    say("… Home Assistant restarts")
    await town.home.restart()
    await town.arrive()
    report.account["one_time_cameras"] = len(town.simulator.cameras)
    report.account["one_time_calls"] = calls = len(await town.calls(since=before))
    kinds = [entry["title"] for entry in await town.entries()]
    if calls or len(kinds) != 1 or any("@" in title for title in kinds):
        report.failures.append(f"the one-time sign-in: {calls} calls afterwards (0), entries {kinds}")


def _traces(town: Town) -> list[str]:
    """Return which of the person's secrets lie anywhere in Home Assistant's folder, its log included."""
    secrets = {kind: {town.person[kind]} for kind in ("email", "password", "key_id", "api_key")}
    return [f"{name} holds the {kind}" for name, kind in in_files(town.home.folder, secrets)]
