"""What hostile documents do: they are refused in words, or read; in bounded time."""
