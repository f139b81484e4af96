"""Kinds of change in what is promised about operations and values: how long, how firmly, under which heading."""

from typing import Final

from vidspec.diff.kinds import kind

_PLANS = "Nothing changes on the wire; clients plan by the date."

PROMISE_KINDS: Final = (
    kind(
        "operation-removed-before-sunset",
        "BC",
        "A deprecated operation is gone before the day that was announced.",
        "Clients that planned by the date get an error.",
    ),
    kind("sunset-added", "CC", "An operation has a day of sunset now (x-sunset).", _PLANS),
    kind(
        "sunset-removed",
        "RC",
        "A deprecated operation has no day of sunset any more.",
        "It may stay, or go at any time: clients cannot plan.",
    ),
    kind(
        "sunset-earlier",
        "BC",
        "An operation's day of sunset is an earlier one.",
        "Clients have less time than they were promised.",
    ),
    kind("sunset-later", "CC", "An operation's day of sunset is a later one.", _PLANS),
    kind(
        "sunset-unreadable",
        "RC",
        "x-sunset of an operation is no date as 2027-03-31.",
        "Neither clients nor tools know the day.",
    ),
    kind(
        "stability-lowered",
        "RC",
        "x-stability-level of an operation is lower (stable, where none is said; beta, alpha, draft).",
        "It works as before, but may change without notice.",
    ),
    kind(
        "stability-raised",
        "CC",
        "x-stability-level of an operation is higher.",
        "It works as before, and is to stay so.",
    ),
    kind(
        "stability-unknown",
        "RC",
        "x-stability-level of an operation is none of stable, beta, alpha, draft.",
        "Nobody knows what is promised.",
    ),
    kind(
        "operation-tag-added",
        "CC",
        "An operation stands under one tag more.",
        "Nothing changes on the wire.",
    ),
    kind(
        "operation-tag-removed",
        "RC",
        "An operation no longer stands under a tag.",
        "Nothing changes on the wire; many generators make a class of each tag, which then lacks a method.",
    ),
    kind(
        "request-extensible-enum-value-added",
        "CR",
        "x-extensible-enum of what clients send has one value more.",
        "No client sends it yet; a server must know it.",
    ),
    kind(
        "request-extensible-enum-value-removed",
        "BC",
        "x-extensible-enum of what clients send has lost a value.",
        "A client may go on sending what nobody knows any more.",
    ),
    kind(
        "reply-extensible-enum-value-added",
        "CC",
        "x-extensible-enum of a reply has one value more.",
        "Clients were told to expect values that they do not know.",
    ),
    kind(
        "reply-extensible-enum-value-removed",
        "CR",
        "x-extensible-enum of a reply has lost a value.",
        "A client can miss no value that no longer comes; a server may not send it any more.",
    ),
)
