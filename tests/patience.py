"""How long a test waits for what has to come: long on a busy machine, and it costs nothing when it comes."""

PATIENCE = 60.0
"""Seconds after which what is waited for is taken not to come at all."""
