"""Why a recording cannot be exported."""


class ExportError(Exception):
    """A recording cannot be written in a format; the sentence says why and what to do."""
