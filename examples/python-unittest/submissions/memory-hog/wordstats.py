import re


def words(text):
    return re.findall(r"[a-z']+", text.lower())


def count_words(text):
    return {word: words(text).count(word) for word in words(text)}


def most_common(text, n):
    return sorted(count_words(text).items(), key=lambda item: (-item[1], item[0]))[:n]


def longest_word(text):
    return max(words(text), key=len, default="")


def wrap(text, width):
    lines = []
    line = ""
    for word in text.split():
        if len(line) + 1 + len(word) > width:
            # Fills the line up with blanks, twice as many each time: that jumps over the width and goes on for ever.
            blanks = " "
            while len(line) + len(blanks) != width:
                blanks += blanks
            lines.append(line + blanks)
            line = word
        else:
            line += " " + word
    lines.append(line)
    return lines
