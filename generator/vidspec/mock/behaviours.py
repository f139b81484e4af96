"""What a mock can do wrong on purpose, each in a sentence: the vocabulary of ``fault: {behaviour: …}``."""

from collections.abc import Mapping
from typing import Final

#: Name → what the mock does, and the settings that the fault takes.
BEHAVIOURS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    name: (sentence, frozenset(settings.split()))
    for name, settings, sentence in (
        ("auth_ignored", "role", "Those roles (all if none is named) are served to anybody."),
        ("content_after_delete", "", "The content of a deleted job is still served."),
        ("content_before_completion", "", "The content of an unfinished job is served."),
        ("created_at_drifts", "", "The creation time is a second earlier at every retrieve."),
        ("crowd_confuses", "role", "Requests in those roles that overlap get a wrong answer."),
        ("crowd_shares", "", "Creates that overlap are answered with one id."),
        ("crowd_swaps", "", "A retrieve that overlaps that of another job shows another id."),
        ("cursor_ignored", "", "A list starts from its beginning whatever the cursor or page."),
        ("delete_takes_all", "", "After a deletion no job is found any more."),
        ("delete_twice", "", "Deleting what is deleted succeeds again."),
        ("echo_wrong", "field", "A job shows another value of `field` than was asked for."),
        ("envelope_wrong", "", 'Errors come as {"detail": …} instead of the dialect\'s envelope.'),
        ("get_after_delete", "", "A deleted job is still answered."),
        ("head_refused", "", "HEAD of the content is answered as a method that is not allowed."),
        ("ids_change", "", "A job shows another id when retrieved; the real one goes on working."),
        ("ids_repeat", "", "The reply to a creation has the id of the job made before."),
        ("limit_ignored", "", "A list gives every job whatever the limit."),
        ("list_after_delete", "", "A deleted job is still listed."),
        ("list_duplicates", "", "A page that is not full repeats its last job."),
        ("list_omits_new", "", "The newest job is missing from lists."),
        ("media_no_faststart", "", "The video has its index at the end."),
        ("media_not_video", "", "The content of a finished job is text with the type of a video."),
        ("media_truncated", "", "The content of a finished job stops half way."),
        ("media_wrong_codec", "", "The video is MPEG-4 part 2 instead of H.264."),
        ("media_wrong_length", "", "The video is twice as long as the job says."),
        ("media_wrong_ratio", "", "The video is 4:3."),
        ("media_wrong_size", "", "The video has half the width and height the job says."),
        ("milliseconds", "", "Times come in the other unit: milliseconds for seconds and back."),
        ("models_repeat", "", "The listing of models names its last one twice."),
        ("multipart_refused", "", "A multipart creation is answered as an unsupported media type."),
        ("never_finishes", "", "A job stays in progress for ever."),
        ("not_found_after_create", "", "A job is unknown when it is first retrieved."),
        ("not_found_status", "status", "An unknown job is answered with another status."),
        ("order_ignored", "", "A list comes newest first whatever the order."),
        ("progress_falls", "", "Progress gets smaller while the job runs."),
        ("range_ignored", "", "Ranges of the content are not served."),
        ("remix_after_delete", "", "A job may be made from one that is deleted."),
        ("remix_same_id", "role", "The reply to a remix (edit, extend) has the id of its source."),
        ("remix_unfinished", "role", "A job may be made from one that has not finished."),
        ("request_id_missing", "status", "Replies (`ok`, `error` or all) carry no request id."),
        ("request_id_repeats", "", "All replies carry the same request id."),
        ("result_other_type", "", "The address of a result declares its video as text."),
        ("result_other_video", "", "The address of a result leads to a longer video."),
        ("result_url_dead", "", "The address of a result leads nowhere."),
        ("seconds_as_integer", "", "A length is text where it should be a number, and back."),
        ("status_goes_back", "", "A job in progress is seen in the queue again."),
        ("terminal_reopens", "", "A job seen as completed is seen in progress again."),
        ("unknown_id_ok", "role", "Any id but a deleted one is answered, in those roles or in all."),
        ("unknown_path_ok", "", "A path that does not exist is answered with a page of HTML."),
        ("updated_at_falls", "", "Every second retrieve shows the creation time as last change."),
        ("validation_off", "keyword in of role",
         "That keyword (or any) is not enforced on creations, query parameters, types or roles."),
        ("variant_ignored", "", "The content is the video whatever the variant."),
        ("wrong_key_accepted", "", "The key that a sound mock refuses is accepted."),
    )
}  # fmt: skip
#: What is wrong with the address of a result itself, not with the content operation.
RESULT_FAULTS: Final = ("result_other_type", "result_other_video", "result_url_dead")
