"""Word statistics.

A *word* is a run of letters and apostrophes, as long as possible: "don't panic!" has two, "don't" and "panic".
Case does not matter: all functions give words in lower case.
"""


def words(text):
    """All words of text, in order.

    >>> words("To be, or not to be")
    ['to', 'be', 'or', 'not', 'to', 'be']
    """
    raise NotImplementedError


def count_words(text):
    """A dictionary from each word of text to how often it stands there."""
    raise NotImplementedError


def most_common(text, n):
    """The n commonest words of text as (word, count), the commonest first, words equally common by the alphabet."""
    raise NotImplementedError


def longest_word(text):
    """The longest word of text, the first of several; "" if there is none."""
    raise NotImplementedError


def wrap(text, width):
    """The words of text (split at white space, otherwise unchanged) in lines of at most width characters.

    As many words as fit go on a line, one space between them. A word longer than width has a line of its own.
    """
    raise NotImplementedError
