"""fbdev: the flow-based-programming runtime."""
