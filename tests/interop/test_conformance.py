"""`capsule contract test`: the Node client and the Python client pass it, and a client with one fault does not."""

import subprocess
import sys

import pytest

from capsule.cli.main import main
from capsule.feeds.conformance import load_all
from tests.interop.conftest import NODE_CLIENT, PYTHON_CLIENT

WRONG = [sys.executable, "-m", "tests.interop.wrong_client"]

FAULTS = [
    ("credulous", "read-twice", "Apply a frame only if its `prev` is your last id"),
    ("counting", "read-rollback-live", "only whole ids tell them apart"),
    ("stubborn", "read-trimmed", "take a snapshot again"),
    ("deaf", "read-reconnect", "after every reconnection, subscribe, wait, call"),
    ("resends", "connect-reply-lost", "Never send any other command twice by itself."),
    ("no-epoch", "commit-epoch", "the scope has seen a higher epoch"),
    ("no-reads", "commit-reads", "It conflicts when that has changed since"),
    ("re-encodes", "commit-frames", "JSON text, byte for byte as given"),
    ("one-by-one", "commit-outcomes", "all that pass get"),
    ("counts-nonces", "commit-nonces", "from your random source"),
    ("unchecked-items", "commit-items", "one line of strict JSON"),
    ("believing", "jobs-lease", "or 0 for a claim that is over"),
    ("unchained", "jobs-chain", "number n is only taken after n - 1"),
    ("renaming", "jobs-finish", "The id is the idempotency key"),
    ("hasty", "jobs-alone", "Jobs without a group come in one claim"),
    ("gullible", "jobs-progress", "A word that is not `result` says"),
    ("hoarding", "commit-config", "and all feeds below its items"),
    ("whole", "read-window", "a snapshot holds the last N items"),
    ("impartial", "queue", "Higher priorities come first"),
    ("no-handshake", "connect-too-old", "you are too old: stop"),
]


@pytest.mark.parametrize("client", [NODE_CLIENT, PYTHON_CLIENT], ids=["node", "python"])
def test_a_client_that_keeps_the_contract_passes(
    client: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    status = main(["contract", "test", "--", *client])
    out = capfd.readouterr().out
    assert status == 0, out
    assert out.endswith(f"\n{len(load_all())} passed, 0 failed.\n")


@pytest.mark.parametrize(("fault", "transcript", "clause"), FAULTS, ids=[fault for fault, _, _ in FAULTS])
def test_a_client_with_one_fault_is_told_which_clause_it_breaks(
    fault: str, transcript: str, clause: str, capfd: pytest.CaptureFixture[str]
) -> None:
    # Some are caught by their silence. One that is silent too early was only slow: it is given more time.
    for patience in ("3", "60"):
        status = main(["contract", "test", "--only", transcript, "--timeout", patience, "--", *WRONG, fault])
        out = capfd.readouterr().out
        assert status == 1, out
        told = out.split(f"FAIL    {transcript}:")[1].split("        step ")[0]
        if clause in told:
            break
    assert clause in told, out


def test_a_fault_breaks_what_it_concerns_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "test", "--only", "jobs", "--", *WRONG, "counts-nonces"]) == 0
    assert "FAIL" not in capfd.readouterr().out


@pytest.mark.parametrize(("option", "status"), [([], 1), (["--partial"], 0)], ids=["whole", "partial"])
def test_what_a_client_does_not_offer_is_a_failure_unless_it_is_said_to_be_partial(
    option: list[str], status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["contract", "test", *option, "--only", "i", "--", *WRONG, "no-jobs"]) == status
    out = capfd.readouterr().out
    assert " 0 failed, " in out
    assert " not offered." in out
    assert "ok      read-since:" in out
    assert "absent  jobs-finish:" in out


def test_a_client_that_offers_nothing_has_proved_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    nothing = 'import sys\nfor _ in sys.stdin: print(\'{"error": "UNSUPPORTED"}\', flush=True)'
    command = ["--only", "nonces", "--partial", "--", sys.executable, "-c", nothing]
    assert main(["contract", "test", *command]) == 1
    assert "0 passed, 0 failed, 1 not offered." in capfd.readouterr().out


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("print('hello')", "the answer is no JSON object: b'hello\\n'"),
        (
            "import sys; sys.exit('out of coffee')",
            "the client ended; its stderr ends:\n        out of coffee",
        ),
        ("input(); print('{}', flush=True); import time; time.sleep(60)", "no answer for 0.5 seconds"),
        ("print('[]')", "the answer is no JSON object"),
    ],
)
def test_a_client_that_does_not_speak_the_test_s_language_is_told_so(
    program: str, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    command = [
        "contract",
        "test",
        "--only",
        "nonces",
        "--timeout",
        "0.5",
        "--",
        sys.executable,
        "-c",
        program,
    ]
    assert main(command) == 1
    assert sentence in capfd.readouterr().out


def test_a_command_that_cannot_be_started_is_said_in_a_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "test", "--", "/no/such/client"]) == 1
    assert capfd.readouterr().err.startswith("capsule contract: The client cannot be started:")


def test_wrong_usage_is_status_2(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "test"]) == 2
    assert main(["contract", "test", "--only", "nonsense", "--", *NODE_CLIENT]) == 2
    assert "no transcript is called *nonsense*" in capfd.readouterr().err


def test_the_transcripts_can_be_listed_without_a_client(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "test", "--list", "--only", "rollback"]) == 0
    names = [line.split()[0] for line in capfd.readouterr().out.splitlines()]
    assert names == ["read-rollback", "read-rollback-live"]


def test_it_is_a_command_with_an_example_in_its_help() -> None:
    command = [sys.executable, "-m", "capsule.cli.main", "contract", "test", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0
    assert "capsule contract test -- node examples/node/conformance.mjs" in done.stdout
