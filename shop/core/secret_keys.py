"""Whether a secret could be guessed: what people type where a random key is meant."""

from collections import Counter
from itertools import pairwise

FEWEST_SIGNS = 6  # of 40 random decimal digits one in four billion has fewer different ones
SHARE_OF_NEW = 0.6  # of the triples in a random key nearly all are different


def is_guessable_key(secret: str) -> bool:
    """Return whether `secret` is one sign or phrase over and over, or runs along the alphabet."""
    if len(set(secret)) < FEWEST_SIGNS:
        return True
    triples = [secret[n : n + 3] for n in range(len(secret) - 2)]
    if len(set(triples)) < SHARE_OF_NEW * len(triples):
        return True
    steps = Counter(ord(after) - ord(before) for before, after in pairwise(secret))
    return steps.most_common(1)[0][1] > len(secret) / 2
