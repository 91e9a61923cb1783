"""Clicks through the pages of a set-up as a person does: words are read, fields filled, buttons pressed."""

import re
from typing import Any

from playwright.async_api import ElementHandle, Error, Locator, Page

from .stage import DOMAIN, DemoError

# A form's field is found by its name: labels are texts, and may be worded anew.
_FIELD = """name => {
  const walk = root => {
    for (const found of root.querySelectorAll('*')) {
      if (found.tagName === 'HA-SELECTOR' && found.name === name) return found;
      const inner = found.shadowRoot && walk(found.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  return walk(document);
}"""
_INPUT = """field => {
  const walk = root => {
    for (const found of root.querySelectorAll('*')) {
      if (found.tagName === 'INPUT') return found;
      const inner = found.shadowRoot && walk(found.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  return walk(field.shadowRoot);
}"""

_GO = """path => {
  history.pushState(null, '', path);
  dispatchEvent(new CustomEvent('location-changed', {detail: {replace: false}}));
}"""
_FINISH = re.compile("finish|close", re.IGNORECASE)


class Pages:
    """The dialog of a flow in an open page of Home Assistant."""

    def __init__(self, page: Page, url: str) -> None:
        """Take a page that is signed in; `url` is Home Assistant's."""
        self.page = page
        self._url = url

    @property
    def form(self) -> Locator:
        """The form that is shown."""
        return self.page.locator("step-flow-form")

    async def add_integration(self) -> None:
        """Begin to add the integration, as the button on its documentation does."""
        await self.open(f"config/integrations/dashboard/add?domain={DOMAIN}")
        await self.page.locator("dialog-box ha-button", has_text="OK").click()

    async def configure(self) -> None:
        """Open the options of the first entry, from the integration's page."""
        await self.go(f"config/integrations/integration/{DOMAIN}")
        await self.page.locator("ha-config-entry-row ha-icon-button[slot=end]").first.click()

    async def open(self, path: str) -> None:
        """Open a page, and wait until nothing lies over it any more."""
        await self.page.goto(f"{self._url}/{path}")
        await self.page.locator("#ha-launch-screen").wait_for(state="detached")

    async def go(self, path: str) -> None:
        """Go to another page as a link in one does, which loads nothing anew."""
        await self.page.evaluate(_GO, f"/{path}")

    async def choose(self, words: str) -> None:
        """Press an item of the menu that is shown."""
        await self.page.locator("step-flow-menu").get_by_text(words, exact=True).click()

    async def arrive(self, title: str) -> None:
        """Wait for the page of that title."""
        await self.page.locator("dialog-data-entry-flow").get_by_text(title, exact=True).first.wait_for()

    async def fill(self, **values: str | bool) -> None:
        """Fill fields of the form by their names; a truth value sets a switch."""
        await self.form.wait_for()
        for name, value in values.items():
            if isinstance(value, bool):
                await self._switch(name, value)
            else:
                await (await self._input(name)).fill(value)

    async def submit(self, words: str = "Submit") -> None:
        """Press the form's button."""
        await self.page.locator("dialog-data-entry-flow ha-button", has_text=words).click()

    async def add_line(self, name: str, value: str) -> None:
        """Add a line to a field that takes several."""
        field = await self._field(name)
        await self.form.locator("ha-input-multi ha-button", has_text="Add").click()
        await self.page.wait_for_function(
            "field => field.shadowRoot.querySelector('ha-selector-text').shadowRoot"
            ".querySelector('ha-input-multi').shadowRoot.querySelectorAll('ha-input').length > 1",
            arg=field,
        )
        await self.form.locator("ha-input-multi ha-input input").last.fill(value)

    async def options(self) -> list[str]:
        """Return what may be ticked in the form."""
        await self.form.locator("ha-checkbox").first.wait_for()
        return await self.form.locator("ha-checkbox").all_inner_texts()

    async def tick(self, words: str) -> None:
        """Tick, or choose, what is called so."""
        await self.form.locator("ha-checkbox, ha-radio-option").filter(has_text=words).click()

    async def errors(self) -> str:
        """Return what the form complains about."""
        return " ".join(await self.form.locator("ha-alert").all_inner_texts())

    async def finish(self) -> None:
        """Close the last page, which says that it is done."""
        dialog = self.page.locator("dialog-data-entry-flow")
        await self.page.locator("step-flow-create-entry").wait_for()
        await dialog.locator("ha-button", has_text=_FINISH).click()
        await self.page.locator("step-flow-create-entry").wait_for(state="detached")

    async def _field(self, name: str) -> ElementHandle:
        try:
            found = await self.page.wait_for_function(_FIELD, arg=name)
        except Error as err:
            raise DemoError(f"The form has no field {name}: {await self.errors()}") from err
        field = found.as_element()
        assert field is not None
        return field

    async def _input(self, name: str) -> ElementHandle:
        found = await self.page.wait_for_function(_INPUT, arg=await self._field(name))
        field: Any = found.as_element()
        assert isinstance(field, ElementHandle)
        return field

    async def _switch(self, name: str, value: bool) -> None:
        field = await self._field(name)
        if bool(await field.evaluate("field => field.value")) != value:
            await field.click()
