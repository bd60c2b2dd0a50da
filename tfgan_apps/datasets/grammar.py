"""A small language in which every sentence is known to be valid or not, 46 words in all.

Nouns agree with their determiners and verbs in number, also across relative clauses, which nest:
"the dogs that a cat chases sleep". `is_valid` then measures what a model has learned.
"""

import numpy as np

MAX_WORDS = 12
# What each symbol becomes, one alternative or another; _s is singular, _p plural, the rest words.
RULES = {
    "sentence": ("phrase_s verb_phrase_s", "phrase_p verb_phrase_p"),
    "phrase_s": ("the_s noun_s", "the_s adjective noun_s", "the_s noun_s that_s"),
    "phrase_p": ("the_p noun_p", "the_p adjective noun_p", "the_p noun_p that_p"),
    "that_s": ("that verb_phrase_s", "that phrase_s verb_s", "that phrase_p verb_p"),
    "that_p": ("that verb_phrase_p", "that phrase_s verb_s", "that phrase_p verb_p"),
    "verb_phrase_s": ("acts", "acts adverb", "verb_s phrase_s", "verb_s phrase_p"),
    "verb_phrase_p": ("act", "act adverb", "verb_p phrase_s", "verb_p phrase_p"),
    "the_s": ("the", "a", "this", "every"),
    "the_p": ("the", "all", "these", "many"),
    "adjective": ("big", "old", "quiet", "red", "small", "young"),
    "noun_s": ("bird", "cat", "child", "dog", "farmer", "king"),
    "noun_p": ("birds", "cats", "children", "dogs", "farmers", "kings"),
    "verb_s": ("chases", "hears", "likes", "sees"),
    "verb_p": ("chase", "hear", "like", "see"),
    "acts": ("runs", "sings", "sleeps", "waits"),
    "act": ("run", "sing", "sleep", "wait"),
    "adverb": ("often", "quietly", "slowly", "today"),
}


def sample(seed, count):
    """Draws sentences: alternatives are equally likely; longer sentences are drawn again.

    Args:
        seed: int >= 0.
        count: int >= 0.

    Returns:
        List of str, each of 3 to `MAX_WORDS` words with one space between them.
    """
    rng = np.random.default_rng(seed)
    sentences = []
    while len(sentences) < count:
        words = _expand("sentence", rng)
        if len(words) <= MAX_WORDS:
            sentences.append(" ".join(words))
    return sentences


def _expand(symbol, rng):
    if symbol not in RULES:
        return [symbol]
    alternatives = RULES[symbol]
    chosen = alternatives[rng.integers(len(alternatives))]
    return [word for part in chosen.split() for word in _expand(part, rng)]


def is_valid(sentence):
    """Tells whether a sentence is of the language, `MAX_WORDS` words at most.

    Args:
        sentence: str, words with white space between them.
    """
    words = sentence.split()
    return len(words) <= MAX_WORDS and len(words) in _ends("sentence", words, 0)


def _ends(symbol, words, start):
    """Returns the places where a symbol that begins at `start` can end."""
    if symbol not in RULES:
        return {start + 1} if words[start : start + 1] == [symbol] else set()
    ends = set()
    for alternative in RULES[symbol]:
        places = {start}
        for part in alternative.split():
            places = {end for place in places for end in _ends(part, words, place)}
        ends |= places
    return ends
