"""What one `Collection.set` does, worked out model by model."""

from typing import Any

from capsule.shared.model import Model
from capsule.shared.platform import callMethod, emptyBag, flag, holds, put


class Update:
    """One `set` under way: which models it adds, merges, keeps and removes."""

    def __init__(self, sequence: Any, sortable: bool) -> None:
        self.sequence = sequence
        self.sortable = sortable
        self.added: list[Any] = []
        self.merged: list[Any] = []
        self.kept: list[Any] = []
        self.removed: list[Any] = []
        self.seen = emptyBag()
        self.sort = False

    def take(self, item: Any, options: Any) -> Any:
        """One of the given models or attributes; answers the model that stands for it."""
        existing = self.sequence.get(item)
        if existing is not None:
            if flag(options, "merge") and item is not existing:
                self.merge(existing, item, options)
            self.keep(existing)
            return existing
        if not flag(options, "add"):
            return item
        model = self.sequence._prepareModel(item, options)
        if model is not False and model is not None:
            self.added.append(model)
            self.sequence._addReference(model, options)
            self.keep(model)
        return model

    def merge(self, existing: Any, item: Any, options: Any) -> None:
        attrs = item.attributes if isinstance(item, Model) else item
        if flag(options, "parse"):
            attrs = callMethod(existing, "parse", [attrs, options])
        existing.set(attrs, options)
        self.merged.append(existing)
        if self.sortable and not self.sort:
            comparator = self.sequence.comparator
            self.sort = existing.hasChanged(comparator if isinstance(comparator, str) else None)

    def keep(self, model: Any) -> None:
        if not self.keeps(model):
            put(self.seen, model.cid, True)
            self.kept.append(model)

    def keeps(self, model: Any) -> bool:
        """Whether a model is among those that were given."""
        return holds(self.seen, model.cid)

    def findRemoved(self) -> None:
        self.removed = [model for model in self.sequence.models if not self.keeps(model)]
