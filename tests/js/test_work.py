"""A browser's proof of work is the one that Python checks."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from crypto.work import is_worked, make_challenge

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = """
import {{ work }} from "{module}";
const stopped = AbortSignal.abort();
const body = new TextEncoder().encode("a request");
const shares = [];
const proof = await work("{challenge}", body, {{ tell: (share) => shares.push(share) }});
const refused = await work("{challenge}", body, {{ signal: stopped }}).catch((error) => error.name);
if (shares.some((share, at) => share < 0 || share > 1 || share < (shares[at - 1] ?? 0))) throw new Error("shares");
if (refused !== "AbortError") throw new Error("not stopped");
console.log(proof);
"""


@pytest.mark.parametrize("bits", [4, 11])
def test_python_takes_a_browsers_proof_and_a_stopped_one_ends(bits):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is needed")
    module = (ROOT / "static" / "js" / "crypto" / "work.js").as_uri()
    script = SCRIPT.format(module=module, challenge=make_challenge(bytes(32), bits, 10))
    run = subprocess.run(
        [node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert is_worked(run.stdout.strip(), b"a request")
    assert not is_worked(run.stdout.strip(), b"another")
