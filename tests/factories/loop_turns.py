"""Turns of the event loop, counted: what happened in how many of them."""

import asyncio


class LoopTurns:
    """Counts the turns of the event loop until enough was noted, and in which of them it was."""

    def __init__(self) -> None:
        self.now = 0
        self.noted: list[int] = []

    def note(self) -> None:
        """Note that something happened in this turn."""
        self.noted.append(self.now)

    async def until(self, many: int) -> None:
        """Count turns until so many were noted."""
        while len(self.noted) < many:
            self.now += 1
            await asyncio.sleep(0)

    @property
    def different(self) -> int:
        """In how many turns something happened."""
        return len(set(self.noted))
