"""Mutation proof of the check: every fault that the mock can commit, in every dialect, against every requirement."""
