"""Is it more than chance? Launch effect, control limits, fair comparison, time to close, change explained."""
