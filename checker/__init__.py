"""Looks at reported addresses from outside: imports no app, reads no file of theirs, knows no database."""

VERSION = "1.0"
