"""The client runtime: what every emitted client is made of, whatever its dialect.

Real code, copied as it stands into ``vidspec_client/_runtime``; it imports httpx2, pydantic and the standard library only.
All protocol logic is written once, as plans (see ``steps``), and run by a blocking or an asyncio client.
"""
