"""The public library's place of `fbdev._utils.compat` and `fbdev.comp.port_spec.is_valid_name`."""

from fbdev._utils.compat import (
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
    root_dir,
)
from fbdev.comp.port_spec import is_valid_name

__all__ = [
    "SingletonMeta",
    "abstractproperty",
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
    "root_dir",
]
