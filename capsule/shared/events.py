"""Events: on, once, off, trigger, listenTo. Backbone 1.6's, with its fine print.

A handler gets as many arguments as it declares. `context` is what `off` can name later, and `this` in
JavaScript. Handlers that an event adds are not called by that same event; handlers that it removes
still are.
"""

from typing import Any

from capsule.shared.platform import (
    drop,
    emptyBag,
    fetch,
    fire,
    keysOf,
    member,
    noteArity,
    put,
    sameFunction,
    setMember,
    uniqueId,
    words,
)


class Handler:
    """One callback on one event."""

    def __init__(self, callback: Any, context: Any, ctx: Any) -> None:
        self.callback = callback
        self.context = context
        self.ctx = ctx
        self.once = False
        self.listening: Listening | None = None
        noteArity(self)


class OnceHandler(Handler):
    """A handler for one time: gone before it is called, so that triggering again from inside finds nothing."""

    def __init__(self, emitter: Any, name: str, callback: Any, context: Any) -> None:
        super().__init__(callback, context, emitter if context is None else context)
        self.once = True
        self.spent = False
        self.emitter = emitter
        self.name = name

    def spend(self) -> None:
        self.spent = True
        self.emitter._dropHandler(self.name, self)


class Listening:
    """How many handlers one object has on another: at zero, neither remembers the other."""

    def __init__(self, listener: Any, emitter: Any) -> None:
        self.listener = listener
        self.emitter = emitter
        self.count = 0
        # Bindings on an emitter that is not one of ours, which cannot count for us.
        self.foreign: list[Any] | None = None

    def release(self) -> None:
        self.count -= 1
        if self.count == 0:
            self.cleanup()

    def cleanup(self) -> None:
        if self.listener._listeningTo is not None:
            drop(self.listener._listeningTo, self.emitter._listenId)
        if self.foreign is None and self.emitter._listeners is not None:
            drop(self.emitter._listeners, self.listener._listenId)


def eachName(names: Any) -> list[str]:
    """The events in "change:title  change:done"; names cannot hold spaces."""
    found = words(names)
    return found if len(found) > 1 else [names]


class Events:
    """Anything that speaks: bind with `on`, hear with `trigger`, listen to another with `listenTo`."""

    # Kept on the class until there is something to keep: most models never listen to another.
    _events: Any = None
    _listeners: Any = None
    _listeningTo: Any = None
    _listenId: str | None = None

    def __init__(self) -> None:
        pass

    def on(self, name: Any, callback: Any = None, context: Any = None) -> Any:
        """Bind a callback to an event, to several ("a b"), to "all", or bind a map `{event: callback}`."""
        self._bind(name, callback, context, None, False)
        return self

    def once(self, name: Any, callback: Any = None, context: Any = None) -> Any:
        """As `on`, for one time; with several events, once for each."""
        self._bind(name, callback, context, None, True)
        return self

    def bind(self, name: Any, callback: Any = None, context: Any = None) -> Any:
        return self.on(name, callback, context)

    def off(self, name: Any = None, callback: Any = None, context: Any = None) -> Any:
        """Remove the handlers that match everything given; without arguments, all."""
        if self._events is None:
            return self
        if isinstance(name, dict):
            for key in keysOf(name):
                self.off(key, name[key], callback if context is None else context)
            return self
        if name is None or name == "":
            if callback is None and context is None:
                self._unbindAll()
                return self
            for key in keysOf(self._events):
                self._unbind(key, callback, context)
            return self
        for key in eachName(name):
            self._unbind(key, callback, context)
        return self

    def unbind(self, name: Any = None, callback: Any = None, context: Any = None) -> Any:
        return self.off(name, callback, context)

    def trigger(self, name: Any, *args: Any) -> Any:
        """Call the handlers of an event, then those of "all", which get the event's name first."""
        if self._events is None:
            return self
        for key in eachName(name):
            self._fire(key, args)
        return self

    def listenTo(self, emitter: Any, name: Any, callback: Any = None) -> Any:
        """Bind on another object, remembered here, so that `stopListening` can undo it."""
        if emitter is not None:
            self._listen(emitter, name, callback, False)
        return self

    def listenToOnce(self, emitter: Any, name: Any, callback: Any = None) -> Any:
        if emitter is not None:
            self._listen(emitter, name, callback, True)
        return self

    def stopListening(self, emitter: Any = None, name: Any = None, callback: Any = None) -> Any:
        """Undo `listenTo`: for one object, one event, one callback, or everything."""
        if self._listeningTo is None:
            return self
        keys = keysOf(self._listeningTo) if emitter is None else [listenIdOf(emitter)]
        for key in keys:
            listening = fetch(self._listeningTo, key)
            if listening is None:
                break
            if listening.foreign is None:
                listening.emitter.off(name, callback, self)
            else:
                self._stopForeign(listening, name, callback)
        if len(keysOf(self._listeningTo)) == 0:
            self._listeningTo = None
        return self

    # -- inside

    def _bind(self, name: Any, callback: Any, context: Any, listening: Listening | None, once: bool) -> None:
        if isinstance(name, dict):
            owner = callback if context is None else context
            for key in keysOf(name):
                self._bind(key, name[key], owner, listening, once)
            return
        if callback is None:
            return
        ctx = self if context is None else context
        for key in eachName(name):
            if once:
                handler: Handler = OnceHandler(self, key, callback, context)
            else:
                handler = Handler(callback, context, ctx)
            handler.listening = listening
            if listening is not None:
                listening.count += 1
            self._addHandler(key, handler)

    def _addHandler(self, name: str, handler: Handler) -> None:
        if self._events is None:
            self._events = emptyBag()
        handlers = fetch(self._events, name)
        if handlers is None:
            put(self._events, name, [handler])
        else:
            handlers.append(handler)

    def _dropHandler(self, name: str, handler: Handler) -> None:
        """Remove exactly this handler. The list is replaced, so that an event under way goes on with the old one."""
        handlers = None if self._events is None else fetch(self._events, name)
        if handlers is None:
            return
        kept = [other for other in handlers if other is not handler]
        if len(kept) == len(handlers):
            return
        self._keepHandlers(name, kept)
        if handler.listening is not None:
            handler.listening.release()

    def _keepHandlers(self, name: str, handlers: list[Handler]) -> None:
        if len(handlers) > 0:
            put(self._events, name, handlers)
            return
        drop(self._events, name)

    def _unbind(self, name: str, callback: Any, context: Any) -> None:
        handlers = None if self._events is None else fetch(self._events, name)
        if handlers is None:
            return
        kept: list[Handler] = []
        gone: list[Handler] = []
        for handler in handlers:
            wanted = callback is None or sameFunction(callback, handler.callback)
            if wanted and (context is None or context is handler.context):
                gone.append(handler)
            else:
                kept.append(handler)
        self._keepHandlers(name, kept)
        for handler in gone:
            if handler.listening is not None:
                handler.listening.release()

    def _unbindAll(self) -> None:
        listeners = self._listeners
        self._events = None
        if listeners is not None:
            for key in keysOf(listeners):
                listeners[key].cleanup()

    def _fire(self, name: str, args: Any) -> None:
        """`trigger` for one event whose name is not to be split."""
        if self._events is not None:
            fire(self._events, name, args)

    def _listen(self, emitter: Any, name: Any, callback: Any, once: bool) -> None:
        key = listenIdOf(emitter)
        if self._listeningTo is None:
            self._listeningTo = emptyBag()
        listening = fetch(self._listeningTo, key)
        if listening is None:
            if self._listenId is None:
                self._listenId = uniqueId("l")
            listening = Listening(self, emitter)
            put(self._listeningTo, key, listening)
        if not isinstance(emitter, Events):
            self._listenForeign(listening, name, callback)
            return
        emitter._bind(name, callback, self, listening, once)
        if listening.count == 0:
            listening.cleanup()
            return
        if emitter._listeners is None:
            emitter._listeners = emptyBag()
        put(emitter._listeners, self._listenId or "", listening)

    def _listenForeign(self, listening: Listening, name: Any, callback: Any) -> None:
        """An emitter of another library: it has `on` and `off`, and we keep the books."""
        if listening.foreign is None:
            listening.foreign = []
        if isinstance(name, dict):
            for key in keysOf(name):
                self._listenForeign(listening, key, name[key])
            return
        for key in eachName(name):
            listening.emitter.on(key, callback, self)
            listening.foreign.append([key, callback])

    def _stopForeign(self, listening: Listening, name: Any, callback: Any) -> None:
        rest: list[Any] = []
        for entry in listening.foreign or []:
            if (name is None or name == entry[0]) and (callback is None or sameFunction(callback, entry[1])):
                listening.emitter.off(entry[0], entry[1], self)
            else:
                rest.append(entry)
        listening.foreign = rest
        if len(rest) == 0:
            listening.cleanup()


def listenIdOf(emitter: Any) -> str:
    """An emitter's name in the books of those who listen to it."""
    known: str | None = member(emitter, "_listenId")
    if known is None:
        known = uniqueId("l")
        setMember(emitter, "_listenId", known)
    return known
