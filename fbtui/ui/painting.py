"""Which widgets Textual asks for their lines when a part of the screen is drawn again."""

from __future__ import annotations

from collections.abc import Iterable

from textual._compositor import ChopsUpdate, Compositor
from textual.events import ScreenResume
from textual.geometry import Region
from textual.reactive import Reactive
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget


class SparingCompositor(Compositor):
    """Asks those widgets alone that are where something changed.

    Textual asks all that are in the rectangle around every change: for a line at the top and one at the bottom that
    is the whole screen.
    """

    _wanted: tuple[Region, ...] = ()

    def render_partial_update(self) -> ChopsUpdate | None:
        """Draw what has changed."""
        self._wanted = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._wanted = ()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if not self._wanted:
            return super()._get_renders(crop)
        return self._renders_of(self._wanted)

    def _renders_of(self, regions: tuple[Region, ...]) -> Iterable[tuple[Region, Region, list[Strip]]]:
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            changed = [part for one in regions if (part := one.intersection(seen))]
            if changed:
                rows = Region.from_union(changed)
                part = Region(seen.x, rows.y, seen.width, rows.height)
                yield part, clip, widget.render_lines(part.translate(-region.offset))


class MainScreen(Screen[None]):
    """The screen of the application, drawn sparingly."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """What has the focus. Textual draws all of the screen again when that changes; each pane sees to itself."""

    _was_up = False

    def __init__(self) -> None:
        super().__init__()
        self._compositor = SparingCompositor()

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Come up. What has just been made has its styles already: Textual would look for all of them once more."""
        event.refresh_styles = event.refresh_styles and self._was_up
        self._was_up = True
