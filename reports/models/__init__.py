"""What reports keep: the rows that figures are read from."""

from reports.models.facts import EpisodeFact, StaleItem

__all__ = ["EpisodeFact", "StaleItem"]
