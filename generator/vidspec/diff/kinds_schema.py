"""Kinds of change in a schema. Each is two kinds: in what a client sends (request-…) and in what it receives (reply-…).

What is sent may be narrowed at the client's cost and widened at the server's; what is received, the other way round.
"""

from typing import Final

from vidspec.diff.kinds import Kind, kind

#: Effect → severities: request for client and server, then reply for client and server.
_EFFECTS: Final = {"narrower": "BCCB", "wider": "CBBC", "other": "BBBB"}

_WHY: Final = {
    (
        "request",
        "narrower",
    ): "A client may go on sending what is refused now; a server that takes more does no harm.",
    (
        "request",
        "wider",
    ): "Every old request is still taken; a server must learn to take the new ones.",
    (
        "request",
        "other",
    ): "What a client sends today may be refused, and a server may be sent what it does not take.",
    (
        "reply",
        "narrower",
    ): "A client knows all it can receive; a server may still send what is excluded now.",
    (
        "reply",
        "wider",
    ): "A client may receive what it has never been told of; a server may go on as it is.",
    (
        "reply",
        "other",
    ): "A client may receive what it cannot read, and a server sends what is no longer promised.",
}

#: Code without its side, effect, sentence; and severities where they are not those of the effect.
_ROWS: Final[tuple[tuple[str, ...], ...]] = (
    ("type-narrowed", "narrower", "fewer types are possible"),
    ("type-widened", "wider", "more types are possible"),
    ("type-changed", "other", "the type is another one"),
    ("null-allowed", "wider", "null is possible now"),
    ("null-refused", "narrower", "null is no longer possible"),
    ("schema-refuses-all", "narrower", "no value is possible any more", "BCBB"),
    ("schema-no-longer-refuses-all", "wider", "a value is possible where none was"),
    ("format-added", "narrower", "the text has a format now", "RCCR"),
    ("format-removed", "wider", "the text no longer has a format", "CRRC"),
    ("format-changed", "other", "the format is another one"),
    ("pattern-added", "narrower", "the text must match a pattern now"),
    ("pattern-removed", "wider", "the text need not match a pattern any more", "CRRC"),
    ("pattern-changed", "other", "the pattern is another one", "RRRR"),
    ("enum-added", "narrower", "the value is one of a list now"),
    ("enum-removed", "wider", "the value is no longer one of a list", "CBRC"),
    ("enum-value-added", "wider", "the list of values has a new one", "CBRC"),
    ("enum-value-removed", "narrower", "a value has left the list"),
    ("const-added", "narrower", "only one value is possible now"),
    ("const-removed", "wider", "other values than the one are possible now"),
    ("const-changed", "other", "the one possible value is another one"),
    ("minimum-tightened", "narrower", "the least number is higher, or there is one now"),
    ("minimum-loosened", "wider", "the least number is lower, or there is none any more", "CRRC"),
    ("maximum-tightened", "narrower", "the greatest number is lower, or there is one now"),
    (
        "maximum-loosened",
        "wider",
        "the greatest number is higher, or there is none any more",
        "CRRC",
    ),
    ("min-length-tightened", "narrower", "the text must be longer"),
    ("min-length-loosened", "wider", "the text may be shorter", "CRRC"),
    ("max-length-tightened", "narrower", "the text must be shorter"),
    ("max-length-loosened", "wider", "the text may be longer", "CRRC"),
    ("min-items-tightened", "narrower", "more items are needed"),
    ("min-items-loosened", "wider", "fewer items are enough", "CRRC"),
    ("max-items-tightened", "narrower", "fewer items are possible"),
    ("max-items-loosened", "wider", "more items are possible", "CRRC"),
    ("min-properties-tightened", "narrower", "more members are needed"),
    ("min-properties-loosened", "wider", "fewer members are enough", "CRRC"),
    ("max-properties-tightened", "narrower", "fewer members are possible"),
    ("max-properties-loosened", "wider", "more members are possible", "CRRC"),
    ("multiple-of-tightened", "narrower", "the number must be a multiple, or of more"),
    ("multiple-of-loosened", "wider", "the number need not be a multiple, or of less", "CRRC"),
    ("multiple-of-changed", "other", "the number must be a multiple of something else"),
    ("unique-items-added", "narrower", "items must differ now"),
    ("unique-items-removed", "wider", "items may be equal now", "CRRC"),
    ("default-added", "other", "there is a default now", "RRCC"),
    ("default-removed", "other", "the default is gone", "RRCC"),
    ("default-changed", "other", "the default is another one", "RRCC"),
    ("property-added", "wider", "there is a new optional property", "CRCC"),
    ("required-property-added", "narrower", "there is a new required property"),
    ("property-removed", "other", "an optional property is gone", "RCRC"),
    ("required-property-removed", "wider", "a required property is gone", "RBBC"),
    (
        "property-refused",
        "narrower",
        "a property is gone, and others than the listed are refused",
        "BC--",
    ),
    ("property-renamed", "other", "a property has another name"),
    ("property-became-required", "narrower", "a property is required now"),
    ("property-became-optional", "wider", "a property may be missing now", "CBBC"),
    ("property-became-read-only", "narrower", "a property is only sent by the server now", "RC--"),
    ("property-ceased-read-only", "wider", "a property may also be sent by the client now", "CR--"),
    ("property-became-write-only", "narrower", "a property is only sent by the client now", "--BC"),
    ("property-ceased-write-only", "wider", "a property is also sent by the server now", "--CR"),
    ("property-deprecated", "other", "a property is deprecated now", "CCCC"),
    ("property-no-longer-deprecated", "other", "a property is no longer deprecated", "CCCC"),
    (
        "additional-properties-restricted",
        "narrower",
        "members that are not listed are refused or restricted",
        "BCCR",
    ),
    (
        "additional-properties-freed",
        "wider",
        "members that are not listed are less restricted",
        "CRCC",
    ),
    ("pattern-property-added", "other", "members that match a pattern have a schema now", "RRCR"),
    (
        "pattern-property-removed",
        "other",
        "members that match a pattern have no schema any more",
        "RRRC",
    ),
    ("property-names-restricted", "narrower", "the names of members are restricted"),
    ("property-names-freed", "wider", "the names of members are no longer restricted", "CRRC"),
    ("items-restricted", "narrower", "the items have a schema now"),
    ("items-freed", "wider", "the items have no schema any more"),
    ("tuple-item-added", "other", "one more item at the start has a schema of its own"),
    ("tuple-item-removed", "other", "an item at the start has no schema of its own any more"),
    ("union-added", "narrower", "one of several alternatives must fit now"),
    ("union-removed", "wider", "none of several alternatives must fit any more"),
    ("union-member-added", "wider", "there is a new alternative"),
    ("union-member-removed", "narrower", "an alternative is gone"),
    ("union-kind-changed", "other", "oneOf has become anyOf, or the other way round", "RRRR"),
    ("discriminator-added", "other", "a property tells the alternatives apart now", "RRCR"),
    ("discriminator-removed", "other", "no property tells the alternatives apart any more", "CRRC"),
    ("discriminator-changed", "other", "another property tells the alternatives apart"),
    (
        "discriminator-mapping-changed",
        "other",
        "the values that tell the alternatives apart have changed",
        "RRRR",
    ),
    (
        "condition-added",
        "narrower",
        "a condition (not, if, contains, dependent …) holds now",
        "RCCR",
    ),
    (
        "condition-removed",
        "wider",
        "a condition (not, if, contains, dependent …) no longer holds",
        "CRRC",
    ),
    (
        "condition-changed",
        "other",
        "a condition (not, if, contains, dependent …) is another one",
        "RRRR",
    ),
    ("content-encoding-changed", "other", "the text encodes bytes in another way"),
    ("content-media-type-changed", "other", "the text or bytes hold another kind of content"),
    ("xml-changed", "other", "the XML form is another one"),
    (
        "reference-unresolved",
        "other",
        "a reference that could not be followed has changed; what it names is not compared",
        "RRRR",
    ),
)


def _both(row: tuple[str, ...]) -> list[Kind]:
    code, effect, sentence = row[:3]
    letters = row[3] if len(row) > 3 else _EFFECTS[effect]
    return [
        kind(
            f"{side}-{code}",
            letters[at : at + 2],
            f"In what a client {does}, {sentence}.",
            _why(side, effect, letters[at : at + 2]),
        )
        for side, does, at in (("request", "sends", 0), ("reply", "receives", 2))
        if letters[at] != "-"  # it can happen in one direction only
    ]


def _why(side: str, effect: str, letters: str) -> str:
    if letters == "CC":
        return "No message that was right becomes wrong, and none becomes unreadable."
    if "B" not in letters and effect == "other":
        return "Messages keep their form, but what they mean or leave out may change."
    return _WHY[side, effect]


SCHEMA_KINDS: Final = tuple(found for row in _ROWS for found in _both(row))
