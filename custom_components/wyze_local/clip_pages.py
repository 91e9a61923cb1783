"""The options' pages on which a person deletes or keeps clips: a camera, a day, the clips, and what to do.

Home Assistant's media browser has a button for deleting, but shows it for its own media folders only.
Administrators alone come here, as to all options; the cameras of all entries are listed, and those that are
gone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import probatio

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .clip_ids import ClipPlace
from .clip_shelf import MOST_PAGES, ClipPage, async_clip_cameras, async_clip_pages, async_clips_of
from .clip_titles import ClipTitles, async_clip_titles
from .clips import ClipGrows, ClipNotFound, Clips, ClipsAway
from .const import CONF_CAMERA
from .engine.library import Clip
from .shared import async_get_shared

CONF_DAY = "day"
CONF_WHICH = "which"
CONF_EVERY = "every"
CONF_DO = "do"

DELETE, PIN, UNPIN = "delete", "pin", "unpin"

NAMED_AT_MOST = 10
"""Clips that are named one by one before they are deleted."""


def _choose(titles: Mapping[str, str], mode: SelectSelectorMode, *, several: bool = False) -> SelectSelector:
    """Return a choice of what has these titles."""
    options = [SelectOptionDict(value=value, label=label) for value, label in titles.items()]
    return SelectSelector(SelectSelectorConfig(options=options, multiple=several, mode=mode))


class ClipPages(OptionsFlow):
    """Deletes clips, pins them, and lets go of pinned ones."""

    def __init__(self) -> None:
        """Begin with nothing chosen."""
        self._camera_key = ""
        self._camera_name = ""
        self._page: ClipPage | None = None
        self._shown: frozenset[str] = frozenset()
        """The ids of the clips that the person was shown: no other is ever touched."""
        self._chosen: list[Clip] = []
        self._done: Counter[str] = Counter()

    async def async_step_clips(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a camera, unless only one has clips."""
        try:
            cameras = await async_clip_cameras(await self._async_clips())
        except ClipsAway:
            return self.async_abort(reason="clips_away")
        if not cameras:
            return self.async_abort(reason="clips_none")
        if user_input is None and len(cameras) > 1:
            titles = {key: f"{name} ({count})" for key, (name, count) in cameras.items()}
            field = _choose(titles, SelectSelectorMode.LIST)
            schema = probatio.Schema({probatio.Required(CONF_CAMERA): field})
            return self.async_show_form(step_id="clips", data_schema=schema)
        self._camera_key = next(iter(cameras)) if user_input is None else user_input[CONF_CAMERA]
        self._camera_name = cameras[self._camera_key][0] if self._camera_key in cameras else ""
        return await self.async_step_clips_day()

    async def async_step_clips_day(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a day of the camera, unless it has clips of only one."""
        titles = await async_clip_titles(self.hass)
        try:
            pages = await async_clip_pages(await self._async_clips(), self._camera_key, titles)
        except ClipsAway:
            return self.async_abort(reason="clips_away")
        if user_input is not None or len(pages) == 1:
            # Clips that came meanwhile do not change what a page is called.
            self._page = pages.get(next(iter(pages)) if user_input is None else user_input[CONF_DAY])
            return await self.async_step_clips_which()
        if not pages:
            return self.async_abort(reason="clips_none")
        shown = {value: page.title for value, page in pages.items()}
        field = _choose(shown, SelectSelectorMode.DROPDOWN)
        return self.async_show_form(
            step_id="clips_day",
            data_schema=probatio.Schema({probatio.Required(CONF_DAY, default=next(iter(shown))): field}),
            description_placeholders={"camera": self._camera_name, "most": str(MOST_PAGES)},
        )

    async def async_step_clips_which(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the clips, and what to do with them; what cannot be undone is asked once more."""
        errors: dict[str, str] = {}
        try:
            listed = await async_clips_of(await self._async_clips(), self._camera_key, self._page)
        except ClipsAway:
            return self.async_abort(reason="clips_away")
        if not listed:
            return self.async_abort(reason="clips_none")
        if user_input is not None:
            wanted = self._shown if user_input[CONF_EVERY] else self._shown & set(user_input[CONF_WHICH])
            self._chosen = [clip for clip in listed if clip.id in wanted]
            if not self._chosen:
                errors["base"] = "clips_none_chosen"
            elif user_input[CONF_DO] == DELETE:
                return await self.async_step_clips_delete()
            elif not (errors := await self._async_do(user_input[CONF_DO])):
                return await self.async_step_clips_done()
        self._shown = frozenset(clip.id for clip in listed)
        titles = await async_clip_titles(self.hass)
        return self.async_show_form(
            step_id="clips_which",
            data_schema=_which({clip.id: titles.clip(clip) for clip in listed}),
            errors=errors,
            description_placeholders={
                "camera": self._camera_name,
                "day": self._page.title if self._page else "",
            },
        )

    async def async_step_clips_delete(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say which go for ever, and let them go once the person has seen it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._async_look_again() or await self._async_do(DELETE)
            if not errors:
                return await self.async_step_clips_done()
        return self.async_show_form(
            step_id="clips_delete",
            data_schema=probatio.Schema({}),
            errors=errors,
            description_placeholders={
                "camera": self._camera_name,
                "clips": _named(self._chosen, await async_clip_titles(self.hass)),
                "count": str(len(self._chosen)),
                "pinned": str(sum(clip.pinned for clip in self._chosen)),
            },
        )

    async def async_step_clips_done(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what was done, and ask whether there is more, where there is more."""
        titles = await async_clip_titles(self.hass)
        menu = self.async_show_menu(
            step_id="clips_done",
            menu_options=["clips_day", "clips", "clips_end"],
            description_placeholders={"done": titles.done(self._done)},
        )
        further, another = await self._async_more()
        ways = {"clips_day": further, "clips": another, "clips_end": True}
        menu["menu_options"] = [way for way, leads in ways.items() if leads]
        return menu

    async def async_step_clips_end(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """End with the options as they are."""
        return self.async_create_entry(data=dict(self.config_entry.options))

    async def _async_more(self) -> tuple[bool, bool]:
        """Tell whether the camera has further clips, and whether another has; perhaps, if that is unknown."""
        try:
            left = await async_clip_cameras(await self._async_clips())
        except ClipsAway:
            return True, True
        return self._camera_key in left, bool(left.keys() - {self._camera_key})

    async def _async_look_again(self) -> dict[str, str]:
        """Look what became of the chosen clips since their number was told; returns form errors.

        What somebody else keeps for ever since then is not deleted without a further question.
        """
        try:
            listed = await async_clips_of(await self._async_clips(), self._camera_key, self._page)
        except ClipsAway:
            return {"base": "clips_away"}
        told = {clip.id: clip.pinned for clip in self._chosen}
        self._chosen = [clip for clip in listed if clip.id in told]
        kept = any(clip.pinned and not told[clip.id] for clip in self._chosen)
        return {"base": "clips_pinned_meanwhile"} if kept else {}

    async def _async_do(self, what: str) -> dict[str, str]:
        """Do it to each clip that was chosen; returns form errors. What is gone by now has no say in it."""
        clips = await self._async_clips()
        self._done.setdefault(what, 0)
        for clip in tuple(self._chosen):
            place = ClipPlace(self._camera_key, clip.id)
            try:
                with suppress(ClipNotFound, ClipGrows):
                    if what == DELETE:
                        await clips.async_delete(place)
                    else:
                        await clips.async_pin(place, what == PIN)
                    self._done[what] += 1
            except ClipsAway:
                return {"base": "clips_away"}
            self._chosen = [one for one in self._chosen if one is not clip]
        return {}

    async def _async_clips(self) -> Clips:
        return (await async_get_shared(self.hass)).clips


def _named(clips: Sequence[Clip], titles: ClipTitles) -> str:
    """Return a list in Markdown that names clips; of very many only the first, with dots for the others."""
    lines = [f"- {titles.clip(clip)}" for clip in clips[:NAMED_AT_MOST]]
    return "\n".join([*lines, "- …"] if len(clips) > NAMED_AT_MOST else lines)


def _which(titles: Mapping[str, str]) -> probatio.Schema:
    """Return the form that asks for some of these clips."""
    config = SelectSelectorConfig(
        options=[DELETE, PIN, UNPIN], translation_key="clips_do", mode=SelectSelectorMode.LIST
    )
    return probatio.Schema(
        {
            probatio.Required(CONF_WHICH, default=[]): _choose(titles, SelectSelectorMode.LIST, several=True),
            probatio.Required(CONF_EVERY, default=False): BooleanSelector(),
            probatio.Required(CONF_DO, default=DELETE): SelectSelector(config),
        }
    )
