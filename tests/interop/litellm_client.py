"""Run by ``test_litellm.py`` with the Python that has litellm: makes a video through its client."""

import json
import sys
import time

import litellm

base = {"api_base": sys.argv[1], "api_key": "sk-client", "custom_llm_provider": "openai"}
job = litellm.video_generation(
    prompt="A tram at night", model="openai/sora-2", seconds="4", size="720x1280",
    api_base=sys.argv[1], api_key="sk-client",
)  # fmt: skip
status = job
deadline = time.monotonic() + 20
while status.status not in {"completed", "failed"} and time.monotonic() < deadline:
    time.sleep(0.1)
    status = litellm.video_status(video_id=job.id, **base)
content = litellm.video_content(video_id=job.id, **base)
listed = litellm.video_list(**base)
remixed = litellm.video_remix(video_id=job.id, prompt="The same tram by day", **base)
print(
    json.dumps(
        {
            "status": status.status,
            "mp4": content[4:8] == b"ftyp",
            "listed": len(listed["data"]),
            "remixed": remixed.status,
        }
    )
)
