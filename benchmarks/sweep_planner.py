"""The clock of a sweep: plans what is due every second, as the worker does in a running site."""

import time

import django

if __name__ == "__main__":
    django.setup()
    from casework import check_jobs

    while True:
        check_jobs.plan()
        time.sleep(1)
