#!/usr/bin/env python
"""Run a management command: `python manage.py help` lists them."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from config.embedded.surroundings import join

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    join(sys.argv, root=Path(__file__).resolve().parent)
    execute_from_command_line(sys.argv)
