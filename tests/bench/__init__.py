"""Speed as ratios in one run: ``python -m bench [mock client generate crowd] [--json FILE]``."""
