def to_roman(number):
    numerals = {1: "I", 5: "V", 10: "X"
    return numerals[number]
