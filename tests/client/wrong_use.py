"""Mistakes that a type checker finds; each line would be an error without its comment, and its comment without the error."""

from vidspec_client import VideoClient
from vidspec_client.openai import Client, models


def wrong(client: Client, over_all: VideoClient) -> None:
    # A number where the API has text.
    client.create_video(prompt="a fox", seconds=8)  # type: ignore[arg-type]
    # An argument that there is not.
    client.create_video(prompt="a fox", duration="8")  # type: ignore[call-arg]
    # What must be given.
    client.create_video()  # type: ignore[call-arg]
    # By position.
    client.create_video("a fox")  # type: ignore[call-arg]
    # null is not the same as left out.
    client.create_video(prompt="a fox", size=None)  # type: ignore[arg-type]
    # Text where the unified client has a number.
    over_all.create("a fox", seconds="8")  # type: ignore[arg-type]
    over_all.create("a fox", second=8)  # type: ignore[call-arg]
    over_all.with_options(retries=3)  # type: ignore[call-arg]
    # A reply that is a model, not a mapping.
    client.get_video(video_id="v")["id"]  # type: ignore[index]
    _made: models.VideoResource = client.wait(video_id="v")  # type: ignore[assignment]
    # Only a completed wait has a job.
    over_all.wait_all(["v"])[0].state  # type: ignore[attr-defined]  # noqa: B018
