VALUES = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}


def to_roman(number):
    # Nothing is taken away: 4 becomes IIII.
    if number <= 0:
        raise ValueError("too small")
    numeral = ""
    for letter, value in VALUES.items():
        numeral += letter * (number // value)
        number %= value
    print("the numeral is", numeral)
    return numeral


def from_roman(numeral):
    # A KeyError where a ValueError was asked for, and IIII is taken for a numeral.
    return sum(VALUES[letter] for letter in numeral)


def add(first, second):
    return to_roman(from_roman(first) + from_roman(second))
