"""Visiting one address: guarded on every hop, bounded in every way."""

from checker.guard import Refused, Target, Unresolved, guard

__all__ = ["Refused", "Target", "Unresolved", "guard"]
