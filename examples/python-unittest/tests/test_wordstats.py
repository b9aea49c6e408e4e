"""The hidden tests. `points` says what a test is worth; the first line of its docstring is what a student reads."""

import importlib
import unittest

from run_tests import points

wordstats = None


def setUpModule():
    # Not imported above: the tests must be known even when the submission cannot be imported.
    global wordstats
    wordstats = importlib.import_module("wordstats")


class TestWordStatistics(unittest.TestCase):
    maxDiff = None

    @points(1)
    def test_words_of_a_sentence(self):
        """words() gives the words of a sentence in order"""
        self.assertEqual(wordstats.words("to be or not to be"), ["to", "be", "or", "not", "to", "be"])

    @points(1)
    def test_words_with_punctuation(self):
        """words() leaves out punctuation and capitals, and keeps apostrophes"""
        self.assertEqual(wordstats.words("Don't panic! (Not yet.)"), ["don't", "panic", "not", "yet"])

    @points(2)
    def test_count_words(self):
        """count_words() counts each word"""
        self.assertEqual(wordstats.count_words("To be, or not to be"), {"to": 2, "be": 2, "or": 1, "not": 1})

    @points(1)
    def test_most_common(self):
        """most_common() gives the commonest words first"""
        self.assertEqual(wordstats.most_common("a b b c c c", 2), [("c", 3), ("b", 2)])

    @points(1)
    def test_most_common_ties(self):
        """most_common() orders equally common words by the alphabet"""
        self.assertEqual(wordstats.most_common("pear fig apple", 3), [("apple", 1), ("fig", 1), ("pear", 1)])

    @points(1)
    def test_longest_word(self):
        """longest_word() gives the longest word, the first of several"""
        self.assertEqual(wordstats.longest_word("one three seven two"), "three")

    @points(1)
    def test_longest_word_of_nothing(self):
        """longest_word() of a text without words is empty"""
        self.assertEqual(wordstats.longest_word("1, 2, 3!"), "")

    @points(1)
    def test_wrap(self):
        """wrap() fills lines up to the width"""
        self.assertEqual(wordstats.wrap("one two three  four", 9), ["one two", "three", "four"])

    @points(1)
    def test_wrap_long_word(self):
        """wrap() gives a word that is too long a line of its own"""
        self.assertEqual(wordstats.wrap("a breathtaking b", 5), ["a", "breathtaking", "b"])
