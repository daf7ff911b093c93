"""English words by how much they say about the subject of a text; adds to spaCy's stop words."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


IDLE = _words(
    # Courtesy and small talk.
    "please pls plz thanks thank hello hi hey hiya regards dear sir madam help assist assistance "
    "hope kindly asap urgently urgent ok okay yeah yes yep yeap no nope um uh mhm hmm oh wow sure "
    "great good sorry guy guys bro lol gon gonna na let ahead actually alright "
    # What people do when they write to a help desk.
    "want need like know tell think wonder wondering ask asked question explain advise call "
    "calling called try tried trying tries look looking looked believe guess suppose mean love "
    "understand say says said saying see seeing "
    "im ive dont cant doesnt didnt isnt wont youre thats whats couldnt wasnt id nt "
    "got get gets getting gotten do did doing done go goes going went gone would could should "
    "able unable thing things stuff way ways lot bit kind sort certain specific "
    "happen happens happened happening allow allows allowed supposed possible "
    # When and how often.
    "today yesterday tomorrow tonight now ago already still yet soon long morning afternoon "
    "evening hour hours minute minutes day days week weeks month months year years time times "
    "couple half few recently lately currently"
)
"""Lower case, as written or as lemmas; a phrase may contain them inside, never at its ends."""

INFORMATIVE = _words("top amount name full empty front bottom side")
"""Stop words of spaCy that say much in customers' messages: `top up`, `wrong amount`."""

PARTICLES = _words("up off out")
"""End a phrase after a telling word, and belong to that word: `top up`, `turn off`, `sold out`."""

OBJECTS = _words("me us you him her them it my our your his their a an the this that")
"""Begin the object of a verb: a phrase before them breaks off at its verb, as `machine gave`."""

BINDING = _words(
    "a an the my our your this that's of to in on for from with without by at as into onto off out "
    "up down over is are was were isn't aren't wasn't not won't doesn't didn't don't "
    "can't cannot couldn't hasn't haven't and or more than all no another other own twice "
    "still already day time has"
)
"""Idle words that may stand inside a label: `fee for a transfer`, `card isn't working`.

Others there are a sign of a sentence fragment: `countries do you support`, `app says I lost`.
"""
