"""``make bench``: what Palier takes, as ratios to a limit measured in the same run, beside the targets."""
