"""What stops the embedded run, said so that a person can act on it."""


class CannotRun(Exception):
    """The message is one or two sentences: what is wrong and what to do."""
