"""Roman numerals: I is 1, V 5, X 10, L 50, C 100, D 500, M 1000.

They are added from the largest to the smallest (VIII is 8), but one that stands before a larger one is taken away: IV is 4,
IX 9, XL 40, XC 90, CD 400, CM 900.
"""


def to_roman(number):
    """The numeral of a whole number from 1 to 3999; ValueError for any other."""
    raise NotImplementedError


def from_roman(numeral):
    """The number of a numeral; ValueError for a text that is none, such as "IIII" or ""."""
    raise NotImplementedError


def add(first, second):
    """The numeral of the sum of two numerals."""
    raise NotImplementedError
