# The folder was zipped, not the file: the grading script looks one folder deeper.
import re


def words(text):
    return re.findall(r"[a-z']+", text.lower())


def count_words(text):
    counts = {}
    for word in words(text):
        counts[word] = counts.get(word, 0) + 1
    return counts


def most_common(text, n):
    # Equally common words stay in the order of the text, not of the alphabet.
    return sorted(count_words(text).items(), key=lambda item: -item[1])[:n]


def longest_word(text):
    print("looking for the longest word of", repr(text))
    # max() of nothing is an error.
    return max(words(text), key=len)


def wrap(text, width):
    lines = [""]
    for word in text.split():
        if lines[-1] == "":
            lines[-1] = word
        elif len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines
