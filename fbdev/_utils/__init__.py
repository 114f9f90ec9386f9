"""Small pieces that the public library offered under this name."""

from fbdev._utils.attr_container import AttrContainer
from fbdev._utils.states import StateCollection, StateHandler, StateView
from fbdev.comp.port_spec import is_valid_name
from fbdev.task_manager import TaskManager

__all__ = ["AttrContainer", "StateCollection", "StateHandler", "StateView", "TaskManager", "is_valid_name"]
