"""Errors a user can fix. Each message says what we got, what we expected and what to do."""


class CoreError(Exception):
    """Base of every error whose text may be shown to a user as it is."""


def file_sentence(error: OSError) -> str:
    """Say to a user which file a disk or a permission refused, and why."""
    reason = error.strerror or type(error).__name__
    return f"{error.filename or 'A file'} cannot be read or written: {reason}."


class DataError(CoreError):
    """An article file or data set cannot be used."""


class ConfigError(CoreError):
    """A setting is unknown, impossible, or does not fit the others."""


class RunError(CoreError):
    """A stored run is missing, unfinished or damaged."""


class ModelError(CoreError):
    """An encoder cannot be found, fetched, trusted or run."""


class JobError(CoreError):
    """A job is missing, damaged, or cannot be started, stopped or repeated."""


class FetchError(CoreError):
    """A pasted address may not be fetched, or gives no article."""


class FeedbackError(CoreError):
    """The feedback database cannot be reached, read or written, or refuses an entry."""


class NoAnswerError(CoreError):
    """Work in a process of its own took too long, or made that process end."""
