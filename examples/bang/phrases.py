"""What the bots say and write down: enough sentences that a demo may run for an evening."""

import random

VERBS = (
    "Check",
    "Rewrite",
    "Measure",
    "Simplify",
    "Test",
    "Document",
    "Review",
    "Clean up",
    "Sketch",
    "Speed up",
)
THINGS = (
    "the sign-up form",
    "the welcome mail",
    "search on a phone",
    "the export to CSV",
    "the invoice template",
    "the nightly backup",
    "the error page",
    "how invitations expire",
    "the help article on keys",
    "the status page",
    "the release script",
    "the cache headers",
    "names with accents",
    "the first five minutes",
    "the settings page",
    "the colour of links",
    "the staging data",
    "what happens offline",
    "the survey results",
    "the footer",
)
AFTERTHOUGHTS = (
    ", before lunch",
    ", with fresh eyes",
    ", then tell everybody",
    ", once more",
    ", the small version first",
)

LINES = (
    "Back in ten, need coffee.",
    "Does anybody mind if I reorder my list in public? Too late.",
    "Can somebody look over my shoulder on this one?",
    "That was easier than it looked.",
    "That was harder than it looked.",
    "I moved the scary one to the top. Wish me luck.",
    "Who is on the call at three?",
    "Found it. Off by one, of course.",
    "The tests are green. All of them. I checked twice.",
    "Lunch?",
    "I am taking the next two, shout if you started one of them.",
    "It rains, it ships.",
    "Quiet hour until noon, then I am all yours.",
    "Three down, two to go.",
    "I like this list better when it is short.",
)
CHEERS = (
    "Nice one, {name}!",
    "{name}, you are on a roll.",
    "Hooray for {name}.",
    "Lovely, {name}. I needed that one.",
    "That was quick, {name}!",
)


def task(chance: random.Random) -> str:
    return f"{chance.choice(VERBS)} {chance.choice(THINGS)}"


def second_thought(title: str, chance: random.Random) -> str:
    """The same task with another afterthought; titles do not grow."""
    for afterthought in AFTERTHOUGHTS:
        title = title.removesuffix(afterthought)
    return title + chance.choice(AFTERTHOUGHTS)


def cheer(name: str, chance: random.Random) -> str:
    return chance.choice(CHEERS).format(name=name)
