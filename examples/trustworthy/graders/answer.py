"""Runs in a process of its own, with the submission: reads lists of numbers, writes the answers. It knows nothing else.

python3 -I answer.py SUBMISSION < questions.json > answers.json
"""

import importlib.util
import json
import os
import sys

questions = json.load(sys.stdin)
# What the submission prints goes to standard error; the answers go where standard output was.
answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)

spec = importlib.util.spec_from_file_location("solution", sys.argv[1])
solution = importlib.util.module_from_spec(spec)
spec.loader.exec_module(solution)
json.dump([solution.median(numbers) for numbers in questions], answers)
answers.close()
