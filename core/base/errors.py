"""Errors a user can fix. Each message says what we got, what we expected and what to do."""


class CoreError(Exception):
    """Base of every error whose text may be shown to a user as it is."""


class DataError(CoreError):
    """An article file or data set cannot be used."""


class ConfigError(CoreError):
    """A setting is unknown, impossible, or does not fit the others."""


class RunError(CoreError):
    """A stored run is missing, unfinished or damaged."""
