"""The runtimes that emitted packages carry: real, tested Python, read as text and copied."""
