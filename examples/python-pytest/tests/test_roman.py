"""The hidden tests. `points` says what a test is worth; its docstring is what a student reads.

A parametrised test is one for each of its parameters, each with the points; `{…}` in the docstring is filled in.
"""

import pytest


@pytest.fixture
def roman():
    # Not imported at the top: the tests must be known before there is a submission.
    import roman

    return roman


@pytest.mark.points(1)
@pytest.mark.parametrize("number, numeral", [(1, "I"), (3, "III"), (68, "LXVIII"), (2000, "MM")])
def test_to_roman(roman, number, numeral):
    """to_roman() writes {number} by adding"""
    assert roman.to_roman(number) == numeral


@pytest.mark.points(1)
@pytest.mark.parametrize("number, numeral", [(4, "IV"), (949, "CMXLIX")])
def test_to_roman_subtractive(roman, number, numeral):
    """to_roman() writes {number} by taking away"""
    assert roman.to_roman(number) == numeral


@pytest.mark.points(1)
@pytest.mark.parametrize("number", [0, -1, 4000])
def test_to_roman_refuses(roman, number):
    """to_roman() refuses {number}"""
    with pytest.raises(ValueError):
        roman.to_roman(number)


@pytest.mark.points(2)
def test_from_roman(roman):
    """from_roman() reads what to_roman() writes"""
    for number in range(1, 4000, 7):
        assert roman.from_roman(roman.to_roman(number)) == number


@pytest.mark.points(1)
@pytest.mark.parametrize("text", ["", "IIII", "VX", "ABC"], ids=repr)
def test_from_roman_refuses(roman, text):
    """from_roman() refuses {text!r}"""
    with pytest.raises(ValueError):
        roman.from_roman(text)


@pytest.mark.points(2)
def test_add(roman):
    """add() adds"""
    assert roman.add("XIV", "XXVIII") == "XLII"
