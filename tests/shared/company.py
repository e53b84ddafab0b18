"""A company whose bosses see more: private attributes of the root and its people, and reviews that only they read."""

from typing import Any

from capsule import Collection, Model


class Review(Model):
    type = "review"
    props = {"text": "string"}
    clientEditable = ["text"]

    def canEdit(self, user: str) -> bool:
        return True

    def canDelete(self, user: str) -> bool:
        return True


class Reviews(Collection):
    model = Review

    def canRead(self, user: str) -> bool:
        return self.root.isBoss(user)

    def canAdd(self, user: str) -> bool:
        return True


class Person(Model):
    type = "person"
    props = {"name": "string", "role": "string", "salary": "integer", "desk": "string"}
    private = {"bosses": ["salary"], "movers": ["desk"]}
    clientEditable = ["name", "role", "salary", "desk"]
    collections = {"reviews": Reviews}
    reviews: Reviews

    def canEdit(self, user: str) -> bool:
        return True

    def canDelete(self, user: str) -> bool:
        return True


class People(Collection):
    model = Person

    def canAdd(self, user: str) -> bool:
        return True


class News(Collection):
    model = Review
    sorted = True

    def canAdd(self, user: str) -> bool:
        return True


class Company(Model):
    type = "company"
    props = {"name": "string", "budget": "integer"}
    private = {"bosses": ["budget"]}
    membership = ["people"]
    clientEditable = ["name", "budget"]
    collections = {"people": People, "news": News}
    people: People
    news: News

    def isBoss(self, user: str) -> bool:
        person = self.people.get(user)
        return person is not None and person.get("role") == "boss"

    def canRead(self, user: str) -> bool:
        return self.people.get(user) is not None or self.deny("Only people of the company.")

    def canReadPrivate(self, user: str, audience: str) -> bool:
        return audience == "bosses" and self.isBoss(user)

    def canEdit(self, user: str, attrs: dict[str, Any]) -> bool:
        return True


NAME = "company.acme"
FEEDS: list[Any] = [
    [".", ["acme", {"id": "acme", "name": "Acme"}]],
    ["root---bosses", ["acme", {"budget": 9}]],
    ["people", ["ann", {"id": "ann", "name": "Ann", "role": "boss"}, "bob", {"id": "bob", "name": "Bob"}]],
    ["people--bosses", ["ann", {"salary": 2}, "bob", {"salary": 1}]],
    ["people--movers", ["ann", {}, "bob", {"desk": "7"}]],
    ["people.bob.reviews", ["r1", {"id": "r1", "text": "fine"}]],
    ["news", ["n1", {"id": "n1", "text": "hello"}]],
]
