"""Is this a client of the contract? Golden transcripts, played to a client in any language; see docs/conformance.md."""

from .candidate import CandidateError
from .runner import Trial, play_all
from .transcript import Transcript, TranscriptError, load_all

__all__ = ["CandidateError", "Transcript", "TranscriptError", "Trial", "load_all", "play_all"]
