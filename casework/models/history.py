"""What makes a model a history: rows are added, never changed, never taken away."""

import pgtrigger


def append_only() -> pgtrigger.Protect:
    """The fence in the database; the wall is that the web role has no UPDATE or DELETE (accounts.privileges)."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
