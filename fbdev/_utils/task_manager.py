"""The public library's place of `fbdev.task_manager`."""

from fbdev.task_manager import TaskManager

__all__ = ["TaskManager"]
