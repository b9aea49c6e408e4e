"""Word statistics."""

import re
from collections import Counter


def words(text):
    return re.findall(r"[^\W\d_](?:[^\W\d_]|')*", text.lower())


def count_words(text):
    return dict(Counter(words(text)))


def most_common(text, n):
    return sorted(count_words(text).items(), key=lambda item: (-item[1], item[0]))[:n]


def longest_word(text):
    return max(words(text), key=len, default="")


def wrap(text, width):
    lines = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".lstrip()
    if line:
        lines.append(line)
    return lines
