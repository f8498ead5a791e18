"""The benchmark's channel-wise LSTM as a reference Network with seeded weights, and a seeded 48 x 76 input."""

import numpy as np

from lrp_reference import GATES, Branch, Cell, Layer, Network

N_HOURS, N_COLUMNS = 48, 76
N_SMALL, N_LARGE = 4, 32  # hidden units of a channel's direction, and of the LSTM above
# Value columns of the 17 channels, in the order of the columns; the mask of channel k is column 59 + k.
WIDTHS = [2, 1, 1, 8, 12, 13, 12] + [1] * 10
CONTINUOUS = [2, 3, *range(49, 59)]
FIRST_MASK = 59


def channel_columns():
    """[value columns..., mask] of each channel."""
    starts = np.cumsum([0, *WIDTHS])
    return [[*range(starts[k], starts[k + 1]), FIRST_MASK + k] for k in range(len(WIDTHS))]


def seeded_network(seed=2019):
    """Weights of about the size that training leaves, exact in float32; 26,817 of them."""
    rng = np.random.default_rng(seed)

    def normal(*shape, scale):
        return (scale * rng.standard_normal(shape)).astype(np.float32).astype(np.float64)

    def cell(e, d, scale, reverse):
        b = {k: normal(d, scale=0.15) for k in GATES}
        b["f"] = (b["f"] + 1.0).astype(np.float32).astype(np.float64)  # as Keras starts it
        return Cell(
            w={k: normal(d, e, scale=scale) for k in GATES},
            u={k: normal(d, d, scale=0.6 / np.sqrt(d)) for k in GATES},
            b=b,
            reverse=reverse,
        )

    branches = [
        Branch(columns, [Layer([cell(len(columns), N_SMALL, 0.4, reverse) for reverse in (False, True)])])
        for columns in channel_columns()
    ]
    trunk = [Layer([cell(2 * N_SMALL * len(branches), N_LARGE, 0.12, False)], "last-state")]
    return Network(branches, trunk, normal(N_LARGE, scale=0.4), float(np.float32(-0.35)))


def seeded_input(seed=48):
    """[48, 76] float32 like a real stay: one-hot categories, carried-forward values, masks of 0 and 1."""
    rng = np.random.default_rng(seed)
    x = np.zeros((N_HOURS, N_COLUMNS))
    for k, columns in enumerate(channel_columns()):
        values, mask = columns[:-1], columns[-1]
        observed = rng.random(N_HOURS) < rng.choice([0.05, 0.3, 0.9])
        x[:, mask] = observed
        held = 0.0 if len(values) == 1 else int(rng.integers(len(values)))
        for hour in range(N_HOURS):
            if observed[hour]:
                held = rng.normal() if len(values) == 1 else int(rng.integers(len(values)))
            if len(values) == 1:
                x[hour, values[0]] = held
            else:
                x[hour, values[held]] = 1.0
    return x.astype(np.float32)


def n_weights(network):
    layers = [layer for branch in network.branches for layer in branch.layers] + network.trunk
    cells = [cell for layer in layers for cell in layer.cells]
    return sum(v.size for c in cells for part in (c.w, c.u, c.b) for v in part.values()) + network.w.size + 1
