"""Trusts a test framework that runs in the submission's own process."""

import io
import unittest

from solution import median


class TestMedian(unittest.TestCase):
    def test_one_number(self):
        self.assertEqual(median([5]), 5)

    def test_odd_count(self):
        self.assertEqual(median([3, 1, 2]), 2)

    def test_even_count(self):
        self.assertEqual(median([4, 1, 3, 2]), 2.5)


suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestMedian)
names = [test._testMethodName for test in suite]
result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
failed = {test._testMethodName for test, _ in result.failures + result.errors}
print("TAP version 13")
print(f"1..{len(names)}")
for number, name in enumerate(names, start=1):
    print(f"{'not ok' if name in failed else 'ok'} {number} {name}")
