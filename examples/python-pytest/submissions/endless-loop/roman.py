NUMERALS = [
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
]


def to_roman(number):
    if not 1 <= number <= 3999:
        raise ValueError(f"{number} has no numeral")
    numeral = ""
    for value, letters in NUMERALS:
        numeral += letters * (number // value)
        number %= value
    return numeral


def from_roman(numeral):
    number = 0
    rest = numeral
    # Without an end if what is left begins with no numeral.
    while rest:
        for value, letters in NUMERALS:
            if rest.startswith(letters):
                number += value
                rest = rest[len(letters):]
    # What is written otherwise than to_roman() would is no numeral.
    if rest or number == 0 or number > 3999 or to_roman(number) != numeral:
        raise ValueError(f"{numeral!r} is no numeral")
    return number


def add(first, second):
    return to_roman(from_roman(first) + from_roman(second))
