"""Fills the demo's team, once.

Run `python -m examples.bang.seed` as often as you like: a team that is there already is left alone.
"""

import asyncio
import json
import random
import time
from collections.abc import Iterator
from typing import Any

from capsule import Collection
from capsule.feeds import Capsule, Publish, Transaction
from capsule.feeds.operation import Kind
from examples.bang.models import Team

SCOPE = "team.andyet"
MINUTE = 60_000
HOUR = 60 * MINUTE

# id: (name, color, what is on the list (the first is being worked on), what is done)
PEOPLE: dict[str, tuple[str, str, list[str], list[str]]] = {
    "ann": (
        "Ann Berg",
        "#b0413e",
        [
            "Write the launch email, in our own voice",
            "Ask three beta teams what they miss",
            "Pick the screenshot for the front page",
            "Book the room for Thursday's demo",
        ],
        [
            "Pricing page copy, second round",
            "Call with the Rotterdam team",
            "Answer the last nine support mails",
            "Draft the changelog",
        ],
    ),
    "chidi": (
        "Chidi Okafor",
        "#3d6b99",
        [
            "Make reconnecting feel instant on bad wifi",
            "Measure how long a snapshot takes for 50 people",
            "Read the pull request about presence",
            "Delete the old polling code",
            "Write down how an event finds its browser",
        ],
        [
            "Ids made in the browser",
            "Fix: a moved task jumped back for a moment",
            "Upgrade the staging servers",
            "One log for every team",
        ],
    ),
    "dana": (
        "Dana Reyes",
        "#7a5195",
        [
            "Empty states that say something kind",
            "Dark mode: soften the shadows",
            "Redraw the icons on one grid",
            "Check every contrast ratio",
        ],
        [
            "Key sheet, readable at a glance",
            "Typography: one size less",
            "The little bang in the logo",
        ],
    ),
    "eva": (
        "Eva Novak",
        "#2f7d6b",
        [
            "Drag and drop with a finger",
            "Focus stays where it was when a list changes",
            "Test with a screen reader, eyes closed",
            "Shortcut for jumping to a teammate",
            "Stop the chat from stealing the scroll",
        ],
        [
            "Edit in place, no dialogs",
            "Undo for deleted tasks",
            "Works at 360 pixels",
            "Reduced motion means no motion",
        ],
    ),
    "farid": (
        "Farid Haddad",
        "#a0632b",
        [
            "Restore a backup on a machine that has never seen it",
            "Alert when the log grows faster than it is trimmed",
            "Rotate the signing keys",
        ],
        [
            "Zero-downtime deploys",
            "Load test with 10,000 sockets",
            "Runbook for a lost disk",
        ],
    ),
    "grace": (
        "Grace Kim",
        "#5b6abf",
        [
            "Interview the design agency in Lisbon",
            "Sort the feedback into five heaps",
            "Write the questions for Friday's survey",
            "Cut the onboarding to two steps",
        ],
        [
            "Summary of twelve interviews",
            "Onboarding, three steps instead of six",
        ],
    ),
    "hugo": (
        "Hugo Martin",
        "#4f7a28",
        [
            "Say why a change was refused, in one sentence",
            "Permission tests for every rule",
            "Retire the second copy of the validation code",
            "Review the key handling with Eva",
            "Sketch guest accounts",
        ],
        [
            "Nobody can ship another person's task",
            "Rules written once, asked on both sides",
            "Audit of every form",
        ],
    ),
    "ines": (
        "Ines Costa",
        "#a33f6f",
        [
            "Translate the first five minutes into Portuguese",
            "Ask legal about the word `bang`",
            "A calmer tone for the reminder mails",
        ],
        [
            "Help page: what shipping means",
            "Names with accents sort where they should",
        ],
    ),
}

BETWEEN_TASKS = ("grace",)

CHAT: list[tuple[str, str]] = [
    ("ann", "Morning! Launch is on for Thursday. Put everything you do for it on your list, please."),
    ("farid", "Load test went through at 10,000 sockets. Nothing fell over."),
    ("eva", "Nothing at all?"),
    ("farid", "My laptop fan, a little."),
    ("grace", "Third team this week that asks where the save button is. There is none, and they love it."),
    ("dana", "I am taking a pixel off everything today. You have been warned."),
    ("hugo", "Chidi, the reconnect branch makes my train ride so much better."),
    ("chidi", "Two more tunnels and it is done."),
]

# Which of the above were told to the chat by shipping: (member, index of the done item), newest last.
CARDS: list[tuple[str, int]] = [("farid", 1), ("eva", 2), ("dana", 0), ("hugo", 0), ("chidi", 0)]


def team_data(now: int) -> dict[str, Any]:
    """The whole team in the form of `Team.mport`; every time is told back from `now` (ms)."""
    chance = random.Random(7)
    members = []
    for user, (name, color, tasks, done) in PEOPLE.items():
        steps = [chance.randint(25 * MINUTE, 14 * HOUR) for _ in done]
        shipped = [
            {"id": f"done-{index}", "title": title, "shippedAt": now - sum(steps[: index + 1])}
            for index, title in enumerate(done)
        ]
        members.append(
            {
                "id": user,
                "name": name,
                "color": color,
                "activeTask": "" if user in BETWEEN_TASKS else "todo-0",
                "tasks": [
                    {
                        "id": f"todo-{index}",
                        "title": title,
                        "owner": user,
                        "createdAt": now - 30 * HOUR + index,
                    }
                    for index, title in enumerate(tasks)
                ],
                "shipped": list(reversed(shipped)),
            }
        )
    return {"id": "andyet", "name": "&yet", "members": members, "chat": chat_data(members, now)}


def chat_data(members: list[dict[str, Any]], now: int) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [
        {"kind": "text", "author": author, "text": text, "at": now - (len(CHAT) - index) * 23 * MINUTE}
        for index, (author, text) in enumerate(CHAT)
    ]
    by_id = {member["id"]: member for member in members}
    for author, index in CARDS:
        item = by_id[author]["shipped"][-1 - index]
        lines.append({"kind": "shipped", "author": author, "text": item["title"], "at": item["shippedAt"]})
    lines.sort(key=lambda line: line["at"])
    return [{"id": f"line-{index}", **line} for index, line in enumerate(lines)]


def publishes(collection: Collection) -> Iterator[Publish]:
    """Every item of a collection and, after each, what is nested in it."""
    kind: Kind = "sorted_feed" if collection.sorted else "feed"
    for model in collection.models:
        yield Publish(collection.path, model.id, json.dumps(model.itemJSON()), kind=kind)
        for child in model.childCollections():
            yield from publishes(child)


async def seed(cap: Capsule) -> bool:
    """Fill the team if it is not there; answers whether it was filled."""
    scope = cap.scope(SCOPE)
    if await scope.last() != "0-0":
        return False
    team = Team()
    team.mport(team_data(int(time.time() * 1000)))
    operations = [Publish(".", team.id, json.dumps(team.itemJSON()))]
    for collection in team.childCollections():
        operations.extend(publishes(collection))
    # The operation id makes two seeds at the same moment one.
    [outcome] = await scope.commit([Transaction("seed.andyet.1", operations)])
    return outcome.code == "applied"


async def main() -> None:
    cap = await Capsule.connect()
    try:
        filled = await seed(cap)
    finally:
        await cap.close()
    print("The team is filled." if filled else "The team is there already.", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
