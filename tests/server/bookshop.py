"""Models with long feeds, flat and nested, with private attributes and behind a read rule, and how to fill them."""

import json
from collections.abc import Iterable
from typing import Any

from capsule.feeds import Capsule, Publish, Transaction
from capsule.shared.collection import Collection
from capsule.shared.model import Model

NAME = "library.l1"


class Line(Model):
    type = "line"
    props = {"text": "string"}


class Lines(Collection):
    model = Line
    sorted = True
    window = 50


class Remark(Model):
    type = "remark"
    props = {"text": "string"}


class Remarks(Collection):
    model = Remark
    window = 2


class Book(Model):
    type = "book"
    props = {"title": "string", "price": "integer"}
    private = {"staff": ["price"]}
    collections = {"remarks": Remarks}
    remarks: Remarks


class Books(Collection):
    model = Book
    window = 3


class Complaints(Collection):
    """Only staff may read these."""

    model = Remark
    window = 3

    def canRead(self, user: str) -> bool:
        return self.root.isStaff(user)


class Reader(Model):
    type = "reader"
    props = {"staff": "boolean"}


class Readers(Collection):
    model = Reader


class Library(Model):
    type = "library"
    collections = {"readers": Readers, "lines": Lines, "books": Books, "complaints": Complaints}
    membership = ["readers"]
    readers: Readers
    lines: Lines
    books: Books
    complaints: Complaints

    def isStaff(self, user: str) -> bool:
        reader = self.readers.get(user)
        return reader is not None and reader.get("staff") is True

    def canRead(self, user: str) -> bool:
        return self.readers.get(user) is not None

    def canReadPrivate(self, user: str, audience: str) -> bool:
        return audience == "staff" and self.isStaff(user)


def text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


async def fill(cap: Capsule, operations: Iterable[Publish]) -> None:
    """Publish these, a thousand in a commit."""
    waiting = list(operations)
    scope = cap.scope(NAME)
    for start in range(0, len(waiting), 1000):
        [outcome] = await scope.commit(
            [Transaction(f"fill.{start}.{waiting[0].feed}.{waiting[0].id}", waiting[start : start + 1000])]
        )
        assert outcome.code == "applied", outcome


async def furnish(cap: Capsule) -> None:
    """Ann is a reader, sue is staff; ten books with three remarks each, and ten complaints."""
    await fill(cap, [
        Publish(".", "l1", text({"id": "l1"})),
        Publish("readers", "ann", text({"id": "ann"})),
        Publish("readers", "sue", text({"id": "sue", "staff": True})),
    ])  # fmt: skip
    await fill(cap, [
        publish
        for n in range(10)
        for publish in (
            Publish("books", f"b{n}", text({"id": f"b{n}", "title": f"Book {n}"})),
            Publish("books--staff", f"b{n}", text({"price": n})),
            *(Publish(f"books.b{n}.remarks", f"r{k}", text({"id": f"r{k}", "text": f"{n}-{k}"})) for k in range(3)),
        )
    ])  # fmt: skip
    await fill(cap, [Publish("complaints", f"c{n}", text({"id": f"c{n}"})) for n in range(10)])
