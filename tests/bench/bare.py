"""The yardstick: bare Starlette on uvicorn, one video to GET and one to POST, nothing behind them."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

VIDEO = {
    "id": "video_68d7512d07848190b3e45da0ecbebcde004da08e1e0678d5",
    "object": "video", "created_at": 1790000000, "status": "in_progress", "model": "sora-2",
    "progress": 33, "seconds": "8", "size": "1280x720", "completed_at": None, "error": None,
    "expires_at": None, "prompt": "A lantern keeper walks along a foggy harbour at dawn",
    "remixed_from_video_id": None,
}  # fmt: skip


async def get_video(request: Request) -> JSONResponse:
    return JSONResponse(VIDEO | {"id": request.path_params["id"]})


async def post_video(request: Request) -> JSONResponse:
    body = await request.json()
    return JSONResponse(VIDEO | {"prompt": body["prompt"]})


app = Starlette(
    routes=[
        Route("/v1/videos", post_video, methods=["POST"]),
        Route("/v1/videos/{id}", get_video),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[-1]), log_level="warning", access_log=False, lifespan="off")
