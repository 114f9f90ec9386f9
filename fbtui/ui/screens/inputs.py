"""The form for what goes into the graph: a field a packet, a text a config value, a tick a signal."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Checkbox, Label

from fbtui.protocol import CannotStart, PortInfo
from fbtui.protocol.characters import clean
from fbtui.session.inputs import Inputs
from fbtui.ui.screens.dialog import Dialog, Field

OTHERS: Final = 10
"""Rows of the dialog that are not for fields: its frame, its title, what is wrong, and the keys."""
FEWEST: Final = 4
"""Rows of one field, its frame and what it was the last time."""


class Tick(Checkbox):
    """A box to tick, in which the tick is to be seen, not told by its colour."""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802 - Textual's own name
        """What is inside the box."""
        return "✓" if self.value else " "


class InputsScreen(Dialog[Inputs | None]):
    """Asks for the values of the graph's ports. An empty field leaves the module's own value, if it gives one.

    Args:
        ports: the graph's ports; outputs and messages are passed over.
        filled: what was given before.
        own: what the module's ``BATCH`` gives, by ``kind.name``.
        missing: the ports that have no value yet.
        last: what was filled in the last time: the up arrow takes it, field by field.
        broken: why the run has not begun; a value that was refused is told in the form.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close"),
        Binding("ctrl+s,f5", "run", "Run"),
        Binding("ctrl+n", "more", "One more packet", priority=True),
        Binding("tab", "field(1)", "Next field", show=False, priority=True),
        Binding("up", "last_time", "As the last time", show=False, priority=True),
        Binding("shift+tab", "field(-1)", "Previous field", show=False, priority=True),
    ]

    def __init__(
        self,
        ports: tuple[PortInfo, ...],
        filled: Inputs,
        own: dict[str, str],
        missing: tuple[PortInfo, ...],
        last: Inputs,
        broken: CannotStart | None = None,
    ) -> None:
        super().__init__()
        self._ports = [port for port in ports if port.kind in {"input", "config", "signal"}]
        self._filled, self._own, self._last = filled, own, last
        refused = broken if broken is not None and broken.reason == "input" else None
        self._problem = "" if refused is None else refused.sentence
        self._refused = None if refused is None else (refused.port, refused.packet)
        self._defaults = {
            f"{port.kind}.{port.name}": port.default for port in self._ports if port.default is not None
        }
        self._missing = {(port.kind, port.name) for port in missing}

    def compose(self) -> ComposeResult:
        """Make the fields."""
        with Vertical(id="inputs"):
            yield Label("What goes into the graph", id="inputs-title")
            yield Label("JSON, a Python literal, a text, or @FILE", classes="hint")
            if not self._ports:
                yield Label("The graph has no inputs.")
            with VerticalScroll(id="fields", can_focus=False):
                for port in self._ports:
                    yield from self._row(port)
            yield Label(clean(self._problem), id="inputs-problem", markup=False)
            yield Label(
                "enter or ctrl+s runs · ctrl+n one more packet for this port · escape closes", classes="hint"
            )

    def _row(self, port: PortInfo) -> ComposeResult:
        if port.kind == "signal":
            yield Tick(f"signal {port.name}", port.name in self._filled.signals, name=f"signal.{port.name}")
            return
        texts = _texts(self._filled, port.kind, port.name) or [""]
        last = _texts(self._last, port.kind, port.name)
        needed = " · needed" if (port.kind, port.name) in self._missing else ""
        own = " · from the file" if f"{port.kind}.{port.name}" in self._own and texts == [""] else ""
        own = own or (" · by default" if port.default is not None and texts == [""] else "")
        by = f" for {port.dtype_by}" if port.dtype_by else ""
        title = clean(f"{port.kind} {port.name}"), clean(f"{port.dtype or 'anything'}{by}{needed or own}")
        with Horizontal(classes="field"):
            yield Label("\n".join(title), classes="field-name", markup=False)
            with Vertical(classes="field-values"):
                for text in texts:
                    yield self._field(port.kind, port.name, text)
                if last and last != texts:
                    yield Label(
                        clean(f"↑ takes what it was the last time: {', '.join(last)}"), classes="hint", markup=False
                    )

    def _field(self, kind: str, name: str, text: str = "") -> Field:
        own = self._own.get(f"{kind}.{name}", self._defaults.get(f"{kind}.{name}", ""))
        return Field(text, name=f"{kind}.{name}", placeholder=clean(own))

    def on_mount(self) -> None:
        """Begin in the first field that is needed, else in the first."""
        fields = list(self.query(Field))
        needed = [field for field in fields if tuple((field.name or "").split(".", 1)) in self._missing]
        port, packet = self._refused or ("", 0)
        refused = [field for field in fields if field.name == port][packet:]
        for field in (refused or needed or fields)[:1]:
            field.focus()

    def on_resize(self) -> None:
        """The fields scroll, and what is said of them stays in sight."""
        rows = self.size.height * 9 // 10 - OTHERS  # the dialog has nine tenths of the screen
        self.query_one("#fields").styles.max_height = max(FEWEST, rows)

    def action_field(self, way: int) -> None:
        """Go to the next field, or the previous one, before a key that is pressed after that is handed out."""
        if way > 0:
            self.focus_next()
        else:
            self.focus_previous()

    async def action_more(self) -> None:
        """Add a field for one more packet of the port that has the focus."""
        field = self.focused
        if isinstance(field, Field) and (field.name or "").startswith("input."):
            another = self._field("input", (field.name or "").removeprefix("input."))
            await self.mount(another, after=field)
            self.set_focus(another)

    async def action_last_time(self) -> None:
        """Fill the fields of the port that has the focus with what they were the last time, a field a packet."""
        focused = self.focused
        if not isinstance(focused, Field):
            return
        kind, _, name = (focused.name or "").partition(".")
        texts = _texts(self._last, kind, name)
        fields = [field for field in self.query(Field) if field.name == focused.name]
        for text in texts[len(fields) :]:
            fields.append(self._field(kind, name, text))
            await self.mount(fields[-1], after=fields[-2])
        for field, text in zip(fields, texts, strict=False):
            field.value = text
            field.cursor_position = len(text)

    def submit(self) -> None:
        """Enter runs."""
        self.action_run()

    def _lacking(self, given: set[str]) -> Field | None:
        """Return the first field that needs a value and has none."""
        for field in self.query(Field):
            name = field.name or ""
            if tuple(name.split(".", 1)) in self._missing and name not in given:
                return field
        return None

    def action_run(self) -> None:
        """Run with what is filled in."""
        given = [(field.name or "", field.value) for field in self.query(Field) if field.value]
        lacking = self._lacking({name for name, _ in given})
        if lacking is not None:
            self.query_one("#inputs-problem", Label).update(f"{lacking.name} is needed")
            lacking.focus()
            return
        pairs = {
            kind: tuple((name.removeprefix(f"{kind}."), text) for name, text in given if name.startswith(f"{kind}."))
            for kind in ("input", "config")
        }
        signals = tuple((box.name or "").removeprefix("signal.") for box in self.query(Checkbox) if box.value)
        self.dismiss(Inputs(pairs["input"], pairs["config"], signals))


def _texts(inputs: Inputs, kind: str, name: str) -> list[str]:
    """Return what was filled in for a port, a text a packet."""
    pairs = inputs.inputs if kind == "input" else inputs.config
    return [text for port, text in pairs if port.removeprefix(f"{kind}.") == name]
