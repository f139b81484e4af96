"""Kinds of change in what the vidspec extensions say, and in lifecycle and requirements."""

from typing import Final

from vidspec.diff.kinds import kind

_MEANING = "Messages stay as they are; clients, mock and checks that know it by its meaning find it no more."
_FOUND = "Messages stay as they are; clients, mock and checks can use it now."
_READ = "Clients emitted from the old document look in the wrong place; messages may or may not have changed."
_CHECK = "A gateway that passed may fail the next check."

VIDEO_KINDS: Final = (
    kind("role-added", "CC", "What an operation does to a job is said now.", _FOUND),
    kind("role-removed", "RC", "What an operation does to a job is no longer said.", _MEANING),
    kind(
        "role-changed",
        "BB",
        "An operation does something else to a job.",
        "Callers by role reach another operation.",
    ),
    kind(
        "operation-surface-changed",
        "RR",
        "An operation belongs to another surface.",
        "Callers by surface reach another operation.",
    ),
    kind(
        "operation-became-paid",
        "BR",
        "An operation costs money now.",
        "Callers pay without having agreed; tools that skip paid calls skip it.",
    ),
    kind(
        "operation-became-free",
        "CC",
        "An operation no longer costs money.",
        "Tools that skip paid calls call it now.",
    ),
    kind("job-place-changed", "BB", "The job stands elsewhere in the reply.", _READ),
    kind("items-place-changed", "BB", "The items stand elsewhere in the reply.", _READ),
    kind(
        "paging-changed",
        "BB",
        "Lists are paged otherwise.",
        "Clients stop early, or ask for the same page again.",
    ),
    kind(
        "source-state-added",
        "CB",
        "The source job may be in one more state.",
        "A server must take it.",
    ),
    kind(
        "source-state-removed",
        "BC",
        "The source job may no longer be in a state.",
        "Clients that try are refused.",
    ),
    kind("variant-added", "CR", "Content has a new variant.", _FOUND),
    kind(
        "variant-removed",
        "BC",
        "A variant of the content is gone.",
        "Clients that ask for it are refused.",
    ),
    kind(
        "variant-type-changed",
        "BB",
        "A variant of the content has another media type.",
        "Clients save it under the wrong name, or cannot read it.",
    ),
    kind("surface-added", "CR", "There is a new surface.", _FOUND),
    kind(
        "surface-removed", "BC", "A surface is gone.", "Its jobs can no longer be made or followed."
    ),
    kind(
        "default-surface-changed",
        "RR",
        "Another surface is the default.",
        "Who names none gets other jobs.",
    ),
    kind(
        "status-word-added",
        "RC",
        "Jobs can show a new status word.",
        "Clients emitted before take it for unknown and go on asking.",
    ),
    kind(
        "status-word-removed",
        "CR",
        "Jobs no longer show a status word.",
        "A server may still send it.",
    ),
    kind(
        "status-word-changed",
        "BB",
        "A status word means another state.",
        "Clients stop too early, or never.",
    ),
    kind("job-field-added", "CR", "A field of the job is known now.", _FOUND),
    kind("job-field-removed", "RC", "A field of the job is no longer known.", _MEANING),
    kind("job-field-moved", "BB", "A field of the job stands elsewhere.", _READ),
    kind(
        "job-field-unit-changed",
        "BB",
        "A field of the job is in another unit.",
        "Times are off by a factor, or are not read at all.",
    ),
    kind(
        "job-field-values-changed",
        "RR",
        "The values of a field of the job mean something else.",
        "Clients take one value for another.",
    ),
    kind("result-added", "CR", "There is another way to the video.", _FOUND),
    kind("result-removed", "BC", "A way to the video is gone.", "Clients that go it find nothing."),
    kind(
        "poll-interval-raised",
        "RC",
        "Clients should ask less often.",
        "Clients that ask as before may be refused.",
    ),
    kind(
        "poll-interval-lowered",
        "CR",
        "Clients may ask more often.",
        "A server is asked more often.",
    ),
    kind(
        "poll-hint-changed",
        "RR",
        "The server's wish how often to ask stands elsewhere.",
        "Clients do not see it.",
    ),
    kind(
        "retention-shortened",
        "BC",
        "Videos are kept for a shorter time.",
        "Clients that come as late as they could find nothing.",
    ),
    kind(
        "retention-lengthened",
        "CR",
        "Videos are kept for a longer time.",
        "A server must keep them.",
    ),
    kind("cause-added", "CC", "It is said how one more failure is answered.", _FOUND),
    kind("cause-removed", "RC", "It is no longer said how a failure is answered.", _MEANING),
    kind(
        "cause-status-changed",
        "BB",
        "A failure is answered with another status.",
        "Clients raise another error than the one that is handled.",
    ),
    kind(
        "cause-body-changed",
        "RR",
        "A failure is answered with another body or header.",
        "Clients that read code or type take it for another failure.",
    ),
    kind(
        "envelope-changed",
        "BB",
        "Success is told from failure otherwise.",
        "Clients take failures for successes, or the other way round.",
    ),
    kind(
        "error-shape-changed",
        "BB",
        "Code, message, type or parameter stand elsewhere in an error.",
        _READ,
    ),
    kind(
        "request-id-place-changed",
        "RR",
        "The request's id stands elsewhere.",
        "Support tickets lack it.",
    ),
    kind(
        "credentials-added",
        "CR",
        "There is another way to send the secret.",
        "A server must take it.",
    ),
    kind(
        "credentials-removed",
        "BC",
        "A way to send the secret is gone.",
        "Clients that use it are refused.",
    ),
    kind(
        "credentials-changed",
        "BB",
        "The secret is sent otherwise.",
        "Clients sign or place it in the old way and are refused.",
    ),
    kind(
        "environment-changed",
        "BC",
        "A setting is read from another environment variable.",
        "Programs that set the old one have no credentials.",
    ),
    kind(
        "evidence-changed",
        "RR",
        "The document is based on other evidence.",
        "Statements that were documented are inferred, or the other way round.",
    ),
    kind("meaning-added", "CC", "The meaning of a field or parameter is said now.", _FOUND),
    kind(
        "meaning-removed", "RC", "The meaning of a field or parameter is no longer said.", _MEANING
    ),
    kind(
        "meaning-changed",
        "BB",
        "A field or parameter means something else.",
        "Callers by meaning set another field.",
    ),
    kind(
        "meaning-encoding-changed",
        "RR",
        "The values of a field or parameter encode its meaning otherwise.",
        "Callers by meaning send the old encoding.",
    ),
    kind(
        "lifecycle-state-added",
        "RR",
        "There is a new canonical state.",
        "Programs that tell states apart do not know it.",
    ),
    kind("lifecycle-state-removed", "BB", "A canonical state is gone.", "Programs wait for it."),
    kind(
        "lifecycle-terminal-changed",
        "BB",
        "A canonical state has become final, or is no longer.",
        "Waiting ends too early, or never.",
    ),
    kind(
        "transition-added",
        "RC",
        "A state may follow another that it could not.",
        "Programs may see steps that they took for impossible.",
    ),
    kind(
        "transition-removed",
        "CB",
        "A state may no longer follow another.",
        "A server that takes that step is at fault now.",
    ),
    kind("requirement-added", "CR", "There is a new requirement.", _CHECK),
    kind(
        "requirement-removed", "RC", "A requirement is gone.", "Clients can no longer rely on it."
    ),
    kind(
        "requirement-raised", "CR", "A requirement is stricter (MUST over SHOULD over MAY).", _CHECK
    ),
    kind(
        "requirement-lowered", "RC", "A requirement is less strict.", "Clients can rely on it less."
    ),
    kind("requirement-reworded", "RR", "A requirement demands something else.", _CHECK),
    kind(
        "requirement-scope-changed",
        "RR",
        "A requirement holds for other dialects, or under other conditions.",
        _CHECK,
    ),
)
