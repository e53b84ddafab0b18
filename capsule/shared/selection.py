"""Looking through a list of models: Underscore's methods, as Backbone's collections have them.

Where a function is wanted, the name of an attribute or a dict of attributes does as well.
"""

from typing import Any

from capsule.shared.attributes import alike
from capsule.shared.events import Events
from capsule.shared.platform import (
    adapted,
    callMethod,
    chosen,
    emptyBag,
    fetch,
    holds,
    indexOf,
    keysOf,
    matcher,
    put,
    raw,
    same,
    sortByKey,
    truth,
)


class Selection(Events):
    """Anything that has `models`."""

    models: list[Any]

    def _test(self, iteratee: Any) -> Any:
        """A function (model, index) from a function, an attribute's name, a dict of attributes, or
        None: the model.
        """
        if iteratee is None:
            return lambda model, index: model
        if isinstance(iteratee, str):
            return lambda model, index: model.get(iteratee)
        if isinstance(iteratee, dict):
            names = keysOf(iteratee)
            return matcher(names, [raw(iteratee, name) for name in names])
        return adapted(iteratee, 2)

    # -- one by one

    def each(self, iteratee: Any, context: Any = None) -> Any:
        self.map(iteratee)
        return self

    def forEach(self, iteratee: Any, context: Any = None) -> Any:
        return self.each(iteratee)

    def map(self, iteratee: Any = None, context: Any = None) -> list[Any]:
        test = self._test(iteratee)
        models = self.models
        found: list[Any] = []
        for index in range(len(models)):
            found.append(test(models[index], index))
        return found

    def collect(self, iteratee: Any = None) -> list[Any]:
        return self.map(iteratee)

    def pluck(self, attr: str) -> list[Any]:
        return [model.get(attr) for model in self.models]

    def invoke(self, method: str, *args: Any) -> list[Any]:
        """Call a method of every model."""
        return [callMethod(model, method, args) for model in self.models]

    def reduce(self, iteratee: Any, *memo: Any) -> Any:
        """Fold from the left, from `memo` or else the first model."""
        return fold(self.models[:], iteratee, memo)

    def foldl(self, iteratee: Any, *memo: Any) -> Any:
        return self.reduce(iteratee, *memo)

    def inject(self, iteratee: Any, *memo: Any) -> Any:
        return self.reduce(iteratee, *memo)

    def reduceRight(self, iteratee: Any, *memo: Any) -> Any:
        models = self.models[:]
        models.reverse()
        return fold(models, iteratee, memo)

    def foldr(self, iteratee: Any, *memo: Any) -> Any:
        return self.reduceRight(iteratee, *memo)

    # -- which ones

    def filter(self, iteratee: Any) -> list[Any]:
        return chosen(self.models, self._test(iteratee))

    def select(self, iteratee: Any) -> list[Any]:
        return self.filter(iteratee)

    def reject(self, iteratee: Any) -> list[Any]:
        test = self._test(iteratee)
        return chosen(self.models, lambda model, index: not truth(test(model, index)))

    def partition(self, iteratee: Any) -> list[list[Any]]:
        return [self.filter(iteratee), self.reject(iteratee)]

    def find(self, iteratee: Any) -> Any:
        index = self.findIndex(iteratee)
        return None if index < 0 else self.models[index]

    def detect(self, iteratee: Any) -> Any:
        return self.find(iteratee)

    def findIndex(self, iteratee: Any) -> int:
        test = self._test(iteratee)
        for index in range(len(self.models)):
            if truth(test(self.models[index], index)):
                return index
        return -1

    def findLastIndex(self, iteratee: Any) -> int:
        test = self._test(iteratee)
        for index in range(len(self.models) - 1, -1, -1):
            if truth(test(self.models[index], index)):
                return index
        return -1

    def where(self, attrs: dict[str, Any], first: bool = False) -> Any:
        return self.find(attrs) if first else self.filter(attrs)

    def findWhere(self, attrs: dict[str, Any]) -> Any:
        return self.find(attrs)

    def filterByProperty(self, attr: str, value: Any) -> list[Any]:
        """Capsule's: the models whose attribute has this value."""
        return [model for model in self.models if alike(model.get(attr), value)]

    def findByProperty(self, attr: str, value: Any) -> Any:
        for model in self.models:
            if alike(model.get(attr), value):
                return model
        return None

    def every(self, iteratee: Any = None) -> bool:
        return len(self.reject(iteratee)) == 0

    def all(self, iteratee: Any = None) -> bool:
        return self.every(iteratee)

    def some(self, iteratee: Any = None) -> bool:
        return self.findIndex(iteratee) >= 0

    def any(self, iteratee: Any = None) -> bool:
        return self.some(iteratee)

    def includes(self, model: Any) -> bool:
        return self.indexOf(model) >= 0

    def include(self, model: Any) -> bool:
        return self.includes(model)

    def contains(self, model: Any) -> bool:
        return self.includes(model)

    def without(self, *models: Any) -> list[Any]:
        return self.difference([*models])

    def difference(self, models: list[Any]) -> list[Any]:
        return [model for model in self.models if indexOf(models, model) < 0]

    # -- places

    def indexOf(self, model: Any, start: Any = None) -> int:
        return indexOf(self.models, model, start if isinstance(start, int) else 0)

    def lastIndexOf(self, model: Any) -> int:
        for index in range(len(self.models) - 1, -1, -1):
            if self.models[index] is model:
                return index
        return -1

    def size(self) -> int:
        return len(self.models)

    def isEmpty(self) -> bool:
        return len(self.models) == 0

    def toArray(self) -> list[Any]:
        return self.models[:]

    def slice(self, start: int = 0, end: int | None = None) -> list[Any]:
        return self.models[start:] if end is None else self.models[start:end]

    def first(self, count: int | None = None) -> Any:
        """The first model, or a list of the first so many."""
        if count is None:
            return self.models[0] if len(self.models) > 0 else None
        return self.models[: max(count, 0)]

    def head(self, count: int | None = None) -> Any:
        return self.first(count)

    def take(self, count: int | None = None) -> Any:
        return self.first(count)

    def initial(self, count: int = 1) -> list[Any]:
        """All but the last so many."""
        return self.models[: max(len(self.models) - count, 0)]

    def last(self, count: int | None = None) -> Any:
        if count is None:
            return self.models[len(self.models) - 1] if len(self.models) > 0 else None
        return self.models[max(len(self.models) - count, 0) :]

    def rest(self, count: int = 1) -> list[Any]:
        """All but the first so many."""
        return self.models[count:]

    def tail(self, count: int = 1) -> list[Any]:
        return self.rest(count)

    def drop(self, count: int = 1) -> list[Any]:
        return self.rest(count)

    # -- in another shape

    def sortBy(self, iteratee: Any) -> list[Any]:
        test = self._test(iteratee)
        return sortByKey(self.models, lambda model: test(model, 0))

    def max(self, iteratee: Any) -> Any:
        """The model with the greatest value; of several the first. None if there is none."""
        ordered = self.sortBy(iteratee)
        found = None
        test = self._test(iteratee)
        for model in ordered:
            value = test(model, 0)
            if value is not None and (found is None or not same(test(found, 0), value)):
                found = model
        return found

    def min(self, iteratee: Any) -> Any:
        ordered = self.sortBy(iteratee)
        return ordered[0] if len(ordered) > 0 else None

    def groupBy(self, iteratee: Any) -> dict[str, list[Any]]:
        test = self._test(iteratee)
        groups = emptyBag()
        for model in self.models:
            key = keyText(test(model, 0))
            if not holds(groups, key):
                put(groups, key, [])
            fetch(groups, key).append(model)
        return groups

    def countBy(self, iteratee: Any) -> dict[str, Any]:
        counts = self.groupBy(iteratee)
        for key in keysOf(counts):
            put(counts, key, len(fetch(counts, key)))
        return counts

    def indexBy(self, iteratee: Any) -> dict[str, Any]:
        """One model for each value; of several the last."""
        test = self._test(iteratee)
        found = emptyBag()
        for model in self.models:
            put(found, keyText(test(model, 0)), model)
        return found


def fold(models: list[Any], iteratee: Any, memo: Any) -> Any:
    step = adapted(iteratee, 3)
    start = 0
    if len(memo) > 0:
        value = memo[0]
    elif len(models) > 0:
        value = models[0]
        start = 1
    else:
        return None
    for index in range(start, len(models)):
        value = step(value, models[index], index)
    return value


def keyText(value: Any) -> str:
    """A value as the name of its group, the same text on both sides."""
    if value is None:
        # Underscore's word for an attribute that is not there.
        return "undefined"
    if value is True:
        return "true"
    if value is False:
        return "false"
    return str(value)
