"""Code that runs on CPython and, compiled, in JavaScript: the models, the words of the protocol, the
client's sync engine.
"""

from capsule.shared.actions import perform
from capsule.shared.collection import Collection
from capsule.shared.errors import DeclarationError, InputError, ModelError, PropError
from capsule.shared.events import Events
from capsule.shared.model import Model
from capsule.shared.paging import PageRequest
from capsule.shared.pending import PendingOperation
from capsule.shared.replica import Replica
from capsule.shared.saved import restoreReplica, saveReplica
from capsule.shared.scope import Scope
from capsule.shared.transaction import Transaction
from capsule.shared.verdict import Operation, Verdict

__all__ = [
    "Collection",
    "DeclarationError",
    "Events",
    "InputError",
    "Model",
    "ModelError",
    "Operation",
    "PageRequest",
    "PendingOperation",
    "PropError",
    "Replica",
    "Scope",
    "Transaction",
    "Verdict",
    "perform",
    "restoreReplica",
    "saveReplica",
]
