"""The debugger without a screen."""

from fbtui.session.session import Session
from fbtui.session.spec import OutputLine, Phase, Problem, RunSpec
from fbtui.session.words import end_in_brief, how_it_ended, what_is_fixed

__all__ = ["OutputLine", "Phase", "Problem", "RunSpec", "Session", "end_in_brief", "how_it_ended", "what_is_fixed"]
