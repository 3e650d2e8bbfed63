"""Demonstration data: half a year of a referral centre's work, done by calling the real verbs on past days."""
