"""The server runtime: what every emitted server stub is made of, whatever its dialect.

Real code, copied as it stands into ``vidspec_server/_runtime``; it imports FastAPI, pydantic, jsonschema-rs,
python-multipart and the standard library only. What differs between dialects is data (see ``dialect``).
"""
