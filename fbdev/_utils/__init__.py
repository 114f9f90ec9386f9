"""Small pieces that the public library offered under this name."""

from fbdev._utils import attr_container, events, misc, states, task_manager
from fbdev._utils.attr_container import AttrContainer
from fbdev._utils.events import (
    EventCollection,
    EventHandler,
    ReadonlyEvent,
    await_any_event,
    await_multiple_events,
)
from fbdev._utils.misc import (
    SingletonMeta,
    abstractproperty,
    extract_top_level_docstring,
    find_available_port,
    find_module_root,
    get_caller_module,
    get_function_from_py_file,
    get_git_root_directory,
    get_module_path_hierarchy,
    get_traceback_str,
    is_in_event_loop,
    is_mutually_exclusive,
    is_valid_name,
    root_dir,
)
from fbdev._utils.states import StateCollection, StateHandler, StateView
from fbdev._utils.task_manager import TaskManager

__all__ = [
    "AttrContainer",
    "EventCollection",
    "EventHandler",
    "ReadonlyEvent",
    "SingletonMeta",
    "StateCollection",
    "StateHandler",
    "StateView",
    "TaskManager",
    "abstractproperty",
    "attr_container",
    "await_any_event",
    "await_multiple_events",
    "events",
    "extract_top_level_docstring",
    "find_available_port",
    "find_module_root",
    "get_caller_module",
    "get_function_from_py_file",
    "get_git_root_directory",
    "get_module_path_hierarchy",
    "get_traceback_str",
    "is_in_event_loop",
    "is_mutually_exclusive",
    "is_valid_name",
    "misc",
    "root_dir",
    "states",
    "task_manager",
]
