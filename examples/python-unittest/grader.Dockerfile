FROM orca-grader-base
