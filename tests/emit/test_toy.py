"""A dialect that nobody has seen: client, stub, mock and verdict without a change outside its specification."""

import os
import subprocess
import sys
from pathlib import Path

import av

from vidspec.contract import load_contract
from vidspec.emit import emit, write_tree

TOY = Path(__file__).parent.parent / "cases" / "toy"

JOURNEY = """
import sys
from pathlib import Path
from vidspec.conformance import Options, Target, check
from vidspec.contract import load_contract
from vidspec.mock import running
from vidspec_client.toy import Client

contract = load_contract(Path(sys.argv[1]))
with running("toy", contract=contract, job_seconds=0.3) as gateway:
    with Client(api_key="a-key", base_url=gateway.base_url) as client:
        made = client.make_clip(words="A paper boat on a puddle", length=2)
        seen = client.wait(clip=made.clip, interval=0.05)
        client.download(seen.job)[0].save(sys.argv[2])
    target = Target(gateway.base_url, "toy", "a-key")
    run = check(contract, target, Options(mode="smoke", poll_interval=0.05))
print(seen.job.state, run.exit_code, run.having("fail", "untestable", "error"))
"""


def test_the_toy_goes_all_the_way(tmp_path: Path) -> None:
    """Emitted elsewhere, played, judged: a video of the asked length, and a clean verdict."""
    write_tree(emit(load_contract(TOY, lint=True)), tmp_path / "generated")
    film = tmp_path / "boat.mp4"

    done = subprocess.run(
        [sys.executable, "-c", JOURNEY, str(TOY), str(film)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "generated"), *sys.path])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert "completed 0 ()\n" == done.stdout, done.stdout + done.stderr
    with av.open(str(film)) as container:
        assert container.duration is not None
        assert abs(container.duration / 1_000_000 - 2) < 0.2
