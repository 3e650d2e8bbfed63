"""Kept rows as bytes of one width, so that a million of them are read as they lie: texts by number."""

from datetime import datetime
from typing import get_args, get_type_hints

import numpy as np

from reports.facts import Episode

HINTS = get_type_hints(Episode)
TYPES: dict[str, type] = {name: (get_args(HINTS[name]) or (HINTS[name],))[0] for name in Episode._fields}
APART = ("item", "ref")  # texts of which each row has its own
PACKED = tuple(name for name in Episode._fields if name not in APART)
WORDS = tuple(name for name in PACKED if TYPES[name] is str)
NO_WORD = 0
BYTES = {datetime: ">i8", int: ">i8", bool: "?", str: ">i4"}
RECORD = np.dtype([(name, BYTES[TYPES[name]]) for name in PACKED])
SENT = {
    datetime: "timestamptz_send(coalesce(f.{}, '-infinity'))",
    int: "int8send(f.{})",
    bool: "boolsend(f.{})",
    str: f"int4send(coalesce((w.numbers -> f.{{}})::int4, {NO_WORD}))",
}
# SQL: the fields of `f` as a `RECORD`, by the numbers of texts in `w`.
PACKING = " || ".join(SENT[TYPES[name]].format(name) for name in PACKED)
