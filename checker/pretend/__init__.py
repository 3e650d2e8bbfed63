"""Pretend platforms on this machine's loopback, for demonstrations and tests: nothing of the product needs them."""
