"""Grades median(): asks a process that runs the submission for answers, and judges them itself.

python3 hardened.py SUBMISSION ANSWER_PROGRAM OWN_FOLDER...

1. Nobody reads or writes this process's memory and files, though others are the same user.
2. What knows the answers is deleted before the submission runs.
3. The questions are random, and a reference implementation answers them here.
4. Each test asks a new process, whose word is taken for an answer, never for a verdict. That it ended well is not enough.
5. What it prints, and how long it runs, is limited.
6. This process alone prints the report, at its very end, the plan first.
"""

import contextlib
import ctypes
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

QUESTIONS = 20
SECONDS_MAX = 10
ANSWER_BYTES_MAX = 64 * 1024
PR_SET_DUMPABLE = 4


def keep_to_ourselves():
    """From here on the files of this process in /proc, its memory among them, are root's."""
    if ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError("Cannot keep the submission out of the memory of its grader")


def reference(numbers):
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 == 1 else (ordered[middle - 1] + ordered[middle]) / 2


def draw(chance, count, most=1000):
    return [chance.randint(-most, most) for _ in range(count)]


TESTS = [
    ("one number", lambda chance: draw(chance, 1)),
    ("odd count", lambda chance: draw(chance, 2 * chance.randint(1, 9) + 1)),
    ("even count", lambda chance: draw(chance, 2 * chance.randint(2, 9))),
    ("equal numbers", lambda chance: draw(chance, 2 * chance.randint(2, 9) + 1, most=3)),
]


def limit():
    resource.setrlimit(resource.RLIMIT_FSIZE, (ANSWER_BYTES_MAX, ANSWER_BYTES_MAX))


def ask(command, questions):
    """The answers, and what is wrong with them: one of the two is None."""
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answered:
        asked.write(json.dumps(questions).encode())
        asked.seek(0)
        child = subprocess.Popen(
            command, stdin=asked, stdout=answered, stderr=subprocess.DEVNULL, preexec_fn=limit, start_new_session=True
        )
        try:
            status = child.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired:
            return None, f"no answer within {SECONDS_MAX} s"
        finally:
            # Also what it left in its group; what left that is killed when this command ends.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        answered.seek(0)
        text = answered.read(ANSWER_BYTES_MAX)
    if status != 0:
        return None, f"the program ended with status {status}"
    try:
        answers = json.loads(text)
    except (ValueError, RecursionError):
        return None, "the program ended without an answer"
    if not isinstance(answers, list) or len(answers) != len(questions):
        return None, "the program did not answer every question"
    return answers, None


def judge(command, questions):
    """What is wrong; None when all is right."""
    answers, problem = ask(command, questions)
    if problem is not None:
        return problem
    for numbers, answer in zip(questions, answers):
        expected = reference(numbers)
        if type(answer) not in (int, float) or answer != expected:
            return f"median({numbers}) is {expected}, not {json.dumps(answer)[:100]}"
    return None


def main(submission, answer_program, *own_folders):
    keep_to_ourselves()
    for folder in own_folders:
        shutil.rmtree(folder)
    chance = random.SystemRandom()
    command = [sys.executable, "-I", answer_program, submission]
    problems = [judge(command, [make(chance) for _ in range(QUESTIONS)]) for _, make in TESTS]
    print("TAP version 13")
    print(f"1..{len(TESTS)}")
    for number, ((name, _), problem) in enumerate(zip(TESTS, problems), start=1):
        print(f"{'ok' if problem is None else 'not ok'} {number} {name}")
        if problem is not None:
            print(f"  ---\n  message: {json.dumps(problem)}\n  stack: []\n  ...")


if __name__ == "__main__":
    main(*sys.argv[1:])
