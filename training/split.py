"""The one split into training, validation and test part."""

import numpy as np

SHARES = {"train": 0.7, "valid": 0.1, "test": 0.2}


def split(died: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Rows of each part: each outcome shuffled and cut by `SHARES`. One record is one patient's stay."""
    rng, out = np.random.default_rng(seed), {name: [] for name in SHARES}
    for outcome in (0, 1):
        rows = rng.permutation(np.flatnonzero(died == outcome))
        cuts = np.round(np.cumsum([SHARES["train"], SHARES["valid"]]) * len(rows)).astype(int)
        for name, piece in zip(SHARES, np.split(rows, cuts)):
            out[name].append(piece)
    return {name: np.sort(np.concatenate(pieces)) for name, pieces in out.items()}
