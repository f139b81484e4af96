"""Speed as ratios in one run: ``python -m bench [mock client transfer generate soak] [--json FILE]``."""
