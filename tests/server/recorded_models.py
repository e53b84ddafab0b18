"""The models of the recorded clients. Never change them: what was recorded speaks of them."""

from capsule import Collection, Model


class Note(Model):
    type = "note"
    props = {
        "text": {"type": "string", "required": True},
        "done": "boolean",
        "owner": "string",
        "price": "integer",
    }
    private = {"staff": ["price"]}
    clientEditable = ["text", "price"]
    exposedServerMethods = ["finish"]

    def stamp(self, user: str, now: int) -> None:
        self.set({"owner": user})

    def canEdit(self, user: str) -> bool:
        return user == self.get("owner") or self.deny("Only the owner may edit a note.")

    def canDelete(self, user: str) -> bool:
        return user == self.get("owner") or self.deny("Only the owner may delete a note.")

    def canMove(self, user: str) -> bool:
        return True

    def canCall(self, user: str, method: str) -> bool:
        return True

    def finish(self, remark: str) -> None:
        self.set({"done": True})
        self.root.remarks.add({"id": self.newId(), "text": remark})


class Notes(Collection):
    model = Note
    sorted = True

    def canAdd(self, user: str) -> bool:
        return True


class Remark(Model):
    type = "remark"
    props = {"text": "string"}


class Remarks(Collection):
    model = Remark


class Board(Model):
    type = "board"
    props = {"name": "string"}
    collections = {"notes": Notes, "remarks": Remarks}
    notes: Notes
    remarks: Remarks

    def canRead(self, user: str) -> bool:
        return user in ("ann", "bob") or self.deny("Not yours.")

    def canReadPrivate(self, user: str, audience: str) -> bool:
        return user == "ann"
