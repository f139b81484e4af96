"""The command ``vidspec``: parsing and printing, no thought.

stdout is the answer, stderr is the talk.
Exit codes: 0 yes, 1 no (drift, not conformant), 2 usage, 3 the specification has problems, 4 not measurable.
"""

import gc
import sys

import typer

from vidspec.cli import (
    adopt,
    bundle,
    check,
    demo,
    diff,
    explain,
    generate,
    lint,
    listing,
    mock,
    new,
    proxy,
    report,
    video,
)
from vidspec.cli.options import version_option
from vidspec.errors import VidspecError

app = typer.Typer(
    name="vidspec",
    help="The contract of video-generation APIs, and the tools that follow from it.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def root(*, version: version_option = False) -> None:
    """Work with the contract of video-generation APIs."""


_COMMANDS = (
    lint, generate, diff, adopt, new, mock, check, proxy, report, listing, explain, bundle, demo, video,
)  # fmt: skip

for module in _COMMANDS:
    module.register(app)


def main() -> None:
    """Run the command; a mistake of the user's ends in a message and an exit code, never in a traceback."""
    # What a command loads it keeps: to look for garbage in it again and again takes a tenth of its start.
    gc.set_threshold(50_000, 20, 50)
    try:
        app()
    except VidspecError as error:
        sys.stderr.write(error.render() + "\n")
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        # Whoever read our answer has gone (``vidspec list … | head``): that is no failure of ours.
        sys.stderr.close()
        raise SystemExit(0) from None
    except OSError as error:
        if error.filename is None:
            raise
        # A file or folder that is not as the command needs it: full, read-only, in the way.
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        raise SystemExit(2) from None
    finally:
        # The process ends and gives everything back: its last look for garbage need not see it all.
        gc.freeze()
