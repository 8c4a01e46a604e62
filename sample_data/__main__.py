"""``python -m sample_data`` writes the committed files again, byte for byte the same."""

from sample_data import DEFAULT_SEED, FILES
from sample_data.pilots import write_committed

if __name__ == "__main__":
    write_committed(FILES, DEFAULT_SEED)
