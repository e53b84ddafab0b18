"""&bang: what everybody on a team is working on, and what they have shipped.

This one file is the whole logic of the app. The worker imports it as it is; the browser gets it compiled.

    Team                       team.andyet
      members: Member          team.andyet/members
        tasks:   Task          team.andyet/members.ann.tasks      (sorted: a list is a set of priorities)
        shipped: ShippedItem   team.andyet/members.ann.shipped
      chat:    Message         team.andyet/chat

A member's id is the id of the user who logs in, so `user` in a rule and `member.id` can be compared.
"""

from typing import Any

from capsule import Collection, Model

TITLE_LENGTH = 140
TEXT_LENGTH = 1000


class Task(Model):
    """Something one member means to do. Only its owner may touch it; everybody on the team sees it."""

    type = "task"
    props = {
        "title": {"type": "string", "required": True, "min": 1, "max": TITLE_LENGTH},
        "owner": {"type": "string", "setOnce": True},
        "createdAt": "time",
    }
    clientEditable = ["title"]
    exposedServerMethods = ["ship", "activate", "deactivate"]

    def stamp(self, user: str, now: int) -> None:
        self.set({"owner": user, "createdAt": now})

    def validate(self, attrs: dict[str, Any], options: Any) -> str | None:
        if attrs["title"].strip() == "":
            return "A task needs a title."
        return None

    def canEdit(self, user: str) -> bool:
        return user == self.get("owner") or self.deny("Only the owner may edit a task.")

    def canMove(self, user: str) -> bool:
        return user == self.get("owner") or self.deny("Only the owner may reorder a task.")

    def canDelete(self, user: str) -> bool:
        return user == self.get("owner") or self.deny("Only the owner may delete a task.")

    def canCall(self, user: str, method: str) -> bool:
        if method == "ship":
            return user == self.get("owner") or self.deny("Only the owner may ship a task.")
        return user == self.get("owner") or self.deny("Only the owner may work on a task.")

    def ship(self) -> None:
        """Finishing is what matters: the task leaves the list, joins the shipped stream, and the team hears of it."""
        member = self.parent
        team = member.root
        title = self.get("title")
        if member.get("activeTask") == self.id:
            member.set({"activeTask": ""})
        self.collection.remove(self)
        member.shipped.add({"id": member.newId(), "title": title, "shippedAt": member.now()})
        team.chat.add(
            {"id": team.newId(), "kind": "shipped", "author": member.id, "text": title, "at": team.now()}
        )

    def activate(self) -> None:
        self.parent.set({"activeTask": self.id})

    def deactivate(self) -> None:
        self.parent.set({"activeTask": ""})


class Tasks(Collection):
    model = Task
    sorted = True

    def canAdd(self, user: str) -> bool:
        return user == self.parent.id or self.deny("You can only add tasks to your own list.")


class ShippedItem(Model):
    """A finished task. It is history: nobody edits it."""

    type = "shipped"
    props = {"title": {"type": "string", "required": True}, "shippedAt": "time"}


class Shipped(Collection):
    model = ShippedItem
    maxLength = 100


class Member(Model):
    """A person on the team."""

    type = "member"
    props = {
        "name": {"type": "string", "required": True, "min": 1, "max": 40},
        "color": {"type": "string", "default": "#7a7a7a"},
        "activeTask": {"type": "string", "default": ""},
    }
    clientEditable = ["name"]
    collections = {"tasks": Tasks, "shipped": Shipped}
    tasks: Tasks
    shipped: Shipped

    def canEdit(self, user: str) -> bool:
        return user == self.id or self.deny("You can only edit your own profile.")


class Members(Collection):
    model = Member


class Message(Model):
    """A line of chat, or the card that shipping a task posts."""

    type = "message"
    props = {
        "kind": {"type": "string", "values": ["text", "shipped"], "default": "text"},
        "author": {"type": "string", "setOnce": True},
        "text": {"type": "string", "required": True, "min": 1, "max": TEXT_LENGTH},
        "at": "time",
    }
    clientAddable = ["text"]

    def stamp(self, user: str, now: int) -> None:
        self.set({"author": user, "at": now})

    def canDelete(self, user: str) -> bool:
        return user == self.get("author") or self.deny("Only the author may delete a message.")


class Chat(Collection):
    """A page opens with the last lines; who scrolls up is sent older ones."""

    model = Message
    window = 50
    maxLength = 100_000

    def canAdd(self, user: str) -> bool:
        return self.parent.isMember(user) or self.deny("Only members of the team may chat.")


class Team(Model):
    """The root: one team is one scope, kept, sent and locked as a whole."""

    type = "team"
    props = {"name": {"type": "string", "required": True, "min": 1, "max": 60}}
    clientEditable = ["name"]
    collections = {"members": Members, "chat": Chat}
    membership = ["members"]  # what canRead looks at: gateways keep it, and ask again when it changes
    members: Members
    chat: Chat

    def isMember(self, user: str) -> bool:
        return self.members.get(user) is not None

    def canRead(self, user: str) -> bool:
        return self.isMember(user) or self.deny("Only members of the team may see it.")

    def canEdit(self, user: str) -> bool:
        return self.isMember(user) or self.deny("Only members of the team may rename it.")
