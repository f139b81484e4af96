"""vidspec: the contract of video-generation APIs, and the tools made from it."""
