"""Why the embedded PostgreSQL cannot run."""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot run; str() is one line that says why and what to do."""

    def __init__(self, message: str) -> None:
        """Put *message* on one line."""
        super().__init__(" ".join(message.split()))
