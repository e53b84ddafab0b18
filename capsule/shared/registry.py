"""The models below one root, by type and id. One registry a root, so no tenant finds another's models."""

from typing import Any

from capsule.shared.platform import drop, emptyBag, fetch, put


class Registry:
    """Made when a root is first asked; kept as models come and go; thrown away when it cannot be kept right."""

    def __init__(self, root: Any) -> None:
        self.types = emptyBag()
        # Two models of one type have one id: removing one must not hide the other.
        self.doubled = False
        self.add(root)

    def find(self, type: str, id: Any) -> Any:
        models = fetch(self.types, type)
        return None if models is None or id is None else fetch(models, str(id))

    def add(self, model: Any) -> None:
        """A model and everything below it."""
        if model.type != "" and model.id is not None:
            models = fetch(self.types, model.type)
            if models is None:
                models = emptyBag()
                put(self.types, model.type, models)
            if fetch(models, str(model.id)) is None:
                put(models, str(model.id), model)
            else:
                self.doubled = True
        for child in model.childModels():
            self.add(child)
        for collection in model.ownCollections():
            for item in collection.models:
                self.add(item)

    def remove(self, model: Any) -> None:
        models = fetch(self.types, model.type)
        if models is not None and fetch(models, str(model.id)) is model:
            drop(models, str(model.id))
        for child in model.childModels():
            self.remove(child)
        for collection in model.ownCollections():
            for item in collection.models:
                self.remove(item)
