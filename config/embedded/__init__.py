"""The servers that `make run` and the tests bring along: no Django here, so that settings can come after."""
