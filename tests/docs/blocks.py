"""The fenced blocks of a guide, with what the comment above each says about running it.

A comment is invisible to readers: ``<!-- file: PATH -->`` (the block is that file),
``<!-- edit: PATH -->`` (a change of that file: lines with "-" go, lines with "+" come, others stay and must be there),
``<!-- exit: 1 -->`` (the command
ends so),
``<!-- install: FOLDER -->`` (the command installs the project in that folder), ``<!-- background -->`` (the command is a server, ended after the guide), ``<!-- shown -->`` (the block is
output or a sketch: it is not run). ``sh`` and ``python`` blocks without a comment are run and must succeed; any other
block must have a comment, so that nothing is left out by accident.
"""

import re
from dataclasses import dataclass

_COMMENT = re.compile(r"<!-- (file|edit|install|exit|background|shown)(?:: (.+?))? -->\Z")
_FENCE = re.compile(r"( *)```([a-z]*)\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, its text, the line it begins in, and its comment as word and value."""

    language: str
    text: str
    line: int
    how: str
    value: str


def blocks(markdown: str) -> list[Block]:
    """Return the blocks in order; raises ValueError for one that nobody would run or explain."""
    found: list[Block] = []
    visible = re.sub(r"<!--.*?-->", "", markdown)
    how, value = "", ""
    lines = iter(enumerate(markdown.splitlines(), 1))
    for number, line in lines:
        if comment := _COMMENT.match(line.strip()):
            how, value = comment[1], comment[2] or ""
        elif fence := _FENCE.match(line):
            body = []
            for _, inner in lines:
                if inner.strip() == "```":
                    break
                body.append(inner.removeprefix(fence[1]))
            text = "\n".join(body) + "\n"
            if not how and fence[2] not in {"sh", "python"}:
                message = f"line {number}: the block is neither run nor said to be shown only"
                raise ValueError(message)
            if how in {"file", "edit"} and value not in visible:
                message = f"line {number}: readers are not told that this is {value}"
                raise ValueError(message)
            found.append(Block(fence[2], text, number, how or "run", value))
            how, value = "", ""
        elif line.strip() and how:
            message = f"line {number}: the comment above has no block"
            raise ValueError(message)
    return found
