"""Twenty lines that someone writes in an afternoon before sending contracts to a language model."""

import re

CLAUSE = re.compile(r"(?i)\b(govern|constru|interpret)\w*\b.{0,150}\blaws? of|\blaws? of\b.{0,150}\b(govern|apply|applies)"
                    r"|governing law")
PLACE = r"(?i)\blaws? of (?:the )?(?:(?:state|province|commonwealth|republic) of )?({})\b"


def place_of(texts, places):
    """(place, None), ("none", None), or (None, the passage that the model has to read)."""
    clauses = [text for text in texts if CLAUSE.search(text)]
    for text in clauses:
        found = re.search(PLACE.format(places.any), text)
        if found and re.search(r"(?i)govern|constru", text):
            return places.names[found.group(1).lower()], None
    return (None, clauses[-1]) if clauses else ("none", None)
