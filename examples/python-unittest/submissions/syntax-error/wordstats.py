import re


def words(text)
    return re.findall(r"[a-z']+", text.lower())


def count_words(text):
    counts = {}
    for word in words(text):
        counts[word] = counts.get(word, 0) + 1
    return counts
