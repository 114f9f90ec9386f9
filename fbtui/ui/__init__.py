"""The screen: Textual only. No rule of debugging lives here."""

from fbtui.ui.app import run_app

__all__ = ["run_app"]
