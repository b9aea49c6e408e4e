"""Believes that a program whose status is 0 has come to its end."""

from solution import median

assert median([5]) == 5
assert median([3, 1, 2]) == 2
assert median([4, 1, 3, 2]) == 2.5
