"""A program that reads one spreadsheet, with nothing of Django in it."""
