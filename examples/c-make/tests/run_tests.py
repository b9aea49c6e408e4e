"""Runs each test of tests.json as a process of its own, and prints what came out as TAP 13, which Orca and Bottlenose read.

    python3 run_tests.py            runs the tests
    python3 run_tests.py --not-run  runs none, and reports all as failed

A test has passed if its process ends with status 0 and has printed the secret that it was given on standard input: that
stands at the end of main(), which an exit(0) in the submission does not reach.
"""

import json
import secrets
import signal
import subprocess
import sys
from pathlib import Path

PROGRAM = "./test_textlist"
# 0 would be success, and the test's own are small.
VALGRIND_STATUS = 99
VALGRIND = ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=all", "--errors-for-leak-kinds=all",
            f"--error-exitcode={VALGRIND_STATUS}", "--vgdb=no", "--num-callers=8"]
# Of one test: much more than it needs, for computers that have much else to do.
SECONDS_MAX = 10
SECONDS_MAX_VALGRIND = 30
LINES_MAX = 40
LINE_CHARACTERS_MAX = 300

SIGNALS = {
    signal.SIGSEGV: "a segmentation fault: it used memory that is not its own",
    signal.SIGABRT: "it was aborted, as after a wrong free() or a failed assert()",
    signal.SIGFPE: "an arithmetic error, such as a division by 0",
    signal.SIGKILL: "it was killed, as when memory runs out",
}


def run(test):
    """Whether the test passed; if not, what to say about it, and what it printed."""
    with_valgrind = test.get("valgrind", False)
    seconds = SECONDS_MAX_VALGRIND if with_valgrind else SECONDS_MAX
    secret = secrets.token_hex(16)
    command = [*(VALGRIND if with_valgrind else []), PROGRAM, test["test"]]
    # Into files, not pipes: a process that the submission leaves behind would hold those open.
    with open("test-output", "w+b") as output, open("test-errors", "w+b") as errors:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=errors, start_new_session=True)
        try:
            process.communicate(f"{secret}\n".encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return False, f"This test did not end within {seconds} seconds", lines_of(errors)
        output.seek(0)
        has_reached_end = output.read().endswith(f"\n{secret}\n".encode())
        status = process.returncode
        if status == 0 and has_reached_end:
            return True, "", []
        return False, message_of(status, lines_of(errors)), lines_of(errors)


def message_of(status, lines):
    if status < 0:
        return f"The test ended by signal {-status}: {SIGNALS.get(-status, signal.strsignal(-status))}"
    if status == VALGRIND_STATUS:
        return "valgrind found mistakes with memory, which it lists below"
    if status == 1 and lines:
        return lines[-1]
    return f"The program ended in the middle of the test, with status {status}: does it call exit()?"


def lines_of(file):
    file.seek(0)
    lines = file.read().decode("utf-8", "replace").splitlines()
    return [line[:LINE_CHARACTERS_MAX] for line in lines[:LINES_MAX]]


def quoted(value):
    """A YAML value on one line."""
    return json.dumps(value, ensure_ascii=False)


def main(arguments):
    tests = json.loads(Path("tests.json").read_text(encoding="utf-8"))
    print("TAP version 13")
    print(f"1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, start=1):
        if "--not-run" in arguments:
            passed, message, lines = False, "This test was not run: see what went wrong before it", []
        else:
            passed, message, lines = run(test)
        print(f"{'ok' if passed else 'not ok'} {number} {test['name']}")
        print("  ---")
        print(f"  weight: {test['points']}")
        if not passed:
            print(f"  header: {quoted(test['test'])}")
            print(f"  message: {quoted(message)}")
            print(f"  stack: {quoted(lines)}")
        print("  ...", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
