"""The record of the last run that has moved: it is shown while a newer source does not load."""

from __future__ import annotations

from fbtui.session.record import RunRecord


class LastRun:
    """Keeps the record of a run that is over until another one has loaded."""

    def __init__(self) -> None:
        self._record: RunRecord | None = None
        self._run = 0

    def keep(self, run: int, record: RunRecord) -> None:
        """A run is over: keep its record if it has moved, in place of the one before it."""
        if record is self._record:
            return
        if record.marking.step:
            self.let_go()
            self._run, self._record = run, record
        else:
            record.close()

    def instead_of(self, record: RunRecord) -> RunRecord:
        """Return what to show while the source does not load: the record kept, unless loading has printed."""
        if self._record is None or len(record.output):
            return record
        record.close()
        self._record.look_at(None)
        return self._record

    def number(self, record: RunRecord) -> int | None:
        """Return the number of the run if a record is the one kept."""
        return self._run if record is self._record else None

    def let_go(self) -> None:
        """Another run has loaded."""
        if self._record is not None:
            self._record.close()
        self._record = None
