"""Runs the tests of test_wordstats.py and prints what came out as TAP 13, which Orca and Bottlenose read.

    python3 run_tests.py                      runs all tests, in the order of the file
    python3 run_tests.py --report-unfinished  runs none: reports what the run before, which was killed, had found out

Every planned test is in the report, with its points, whatever happens: a test that did not run has failed.
"""

import json
import os
import sys
import time
import traceback
import unittest
from pathlib import Path

TESTS = "test_wordstats"
PROGRESS = Path("progress.jsonl")
STACK_LINES_MAX = 20


def points(number):
    """What a test is worth."""

    def mark(test):
        test.points = number
        return test

    return mark


def planned_tests():
    """All tests, in the order in which they stand in the file."""
    # Under this name the module finds `points` without running this file a second time.
    sys.modules["run_tests"] = sys.modules["__main__"]
    suite = unittest.defaultTestLoader.loadTestsFromName(TESTS)

    def flatten(part):
        return [test for inner in part for test in flatten(inner)] if isinstance(part, unittest.TestSuite) else [part]

    def line_of(test):
        return method_of(test).__code__.co_firstlineno

    return sorted(flatten(suite), key=line_of)


def method_of(test):
    return getattr(test, test._testMethodName)


def stack_lines(trace):
    """The calls that a student knows: those in the files of this folder, without what unittest does around them."""
    frames = [frame for frame in traceback.extract_tb(trace) if Path(frame.filename).parent == Path.cwd()]
    return [
        f"{Path(frame.filename).name}, line {frame.lineno}, in {frame.name}: {frame.line}"
        for frame in frames[-STACK_LINES_MAX:]
    ]


class Recorder(unittest.TestResult):
    """Writes each event down at once, so that a run that is killed loses only the test that was running."""

    def __init__(self, progress):
        super().__init__()
        self.progress = progress

    def record(self, test, event, error=None):
        entry = {"test": test.id(), "event": event}
        if error is not None:
            kind, value, trace = error
            entry["message"] = "".join(traceback.format_exception_only(kind, value)).strip()
            entry["stack"] = stack_lines(trace)
        self.progress.write(json.dumps(entry) + "\n")
        self.progress.flush()

    def startTest(self, test):
        super().startTest(test)
        self.record(test, "started")

    def addSuccess(self, test):
        super().addSuccess(test)
        self.record(test, "passed")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.record(test, "failed", err)

    def addError(self, test, err):
        super().addError(test, err)
        # Not a test but what stands for the module when the submission cannot be imported.
        self.record(test, "failed" if isinstance(test, unittest.TestCase) else "setup failed", err)


def run(tests):
    with PROGRESS.open("w", encoding="utf-8") as progress:
        unittest.TestSuite(tests).run(Recorder(progress))


def read_progress():
    """The last event of each test; the one of the whole module, if it failed, under the name ''."""
    events = {}
    if PROGRESS.exists():
        for line in PROGRESS.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            events["" if entry["event"] == "setup failed" else entry["test"]] = entry
    return events


def verdict(test, events):
    """Whether a test passed; if not, what to say about it."""
    event = events.get(test.id()) or events.get("") or {"event": "never started"}
    if event["event"] == "started":
        return False, "This test was running when the time or the memory ran out", []
    if event["event"] == "never started":
        return False, "This test was not run: see what went wrong before it", []
    return event["event"] == "passed", event.get("message", ""), event.get("stack", [])


def quoted(value):
    """A YAML value on one line. Lone surrogates, which no UTF-8 can hold, become question marks."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def report(tests, events, seconds):
    verdicts = [verdict(test, events) for test in tests]
    failures = sum(not passed for passed, _, _ in verdicts)
    yield "TAP version 13"
    yield f"1..{len(tests)}"
    yield f"# Time: {seconds:.3f}"
    yield f"# Tests run: {len(tests)}, Failures: {failures}"
    for number, (test, (passed, message, stack)) in enumerate(zip(tests, verdicts), start=1):
        yield f"{'ok' if passed else 'not ok'} {number} {test.shortDescription()}"
        yield "  ---"
        yield f"  weight: {method_of(test).points}"
        if not passed:
            yield f"  header: {quoted(test.id())}"
            yield f"  message: {quoted(message)}"
            yield f"  stack: {quoted(stack)}"
        yield "  ..."


def main(arguments):
    # What the submission prints must not get between the lines of the report: it goes to standard error.
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    started = time.monotonic()
    tests = planned_tests()
    # A suite forgets the tests that it has run, so it gets a list of its own.
    if "--report-unfinished" not in arguments:
        run(list(tests))
    for line in report(tests, read_progress(), time.monotonic() - started):
        print(line, file=output)
    output.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
