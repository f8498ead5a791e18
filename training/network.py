"""The paper's channel-wise LSTM: its weights, and its scores and gradients through `recurrence.c`.

    for every channel and direction, over its value columns and its mask column (4 hidden units):
        i, f, g, o = W_x x_t + W_h h_{t-1} + b      sigmoid on i, f, o; tanh on g
        c_t = f * c_{t-1} + i * g
        h_t = o * tanh(c_t)
    the 34 h_t of an hour side by side (136) -> LSTM(32) -> its last h -> Dense(1) -> sigmoid: 26,817 parameters
"""

import numpy as np

import recurrence
from channels import CHANNELS, COLUMNS

N_SMALL = 4
N_LARGE = 32
N_DIRECTIONS = 2 * len(CHANNELS)  # direction 2 j is channel j forwards, 2 j + 1 is channel j in reverse
N_CONCAT = N_DIRECTIONS * N_SMALL

# A channel that the training data never hold: what its LSTM would say is noise of the initial weights, so its input weights
# and biases are held at zero, its h is 0, and charting it changes nothing.
NEVER_OBSERVED = ("Capillary refill rate",)

_BLOCKS = np.zeros((COLUMNS, N_DIRECTIONS, 4 * N_SMALL), np.float32)
for _j, _channel in enumerate(CHANNELS):
    _BLOCKS[[*_channel.columns, _channel.mask], 2 * _j : 2 * _j + 2] = 1
_KNOWN = np.repeat([float(channel.name not in NEVER_OBSERVED) for channel in CHANNELS], 2).astype(np.float32)[:, None]


def columns_of(channel: int) -> list[int]:
    """The input columns of a channel's own LSTM: its values, then its mask."""
    return [*CHANNELS[channel].columns, CHANNELS[channel].mask]


def init(seed: int) -> dict[str, np.ndarray]:
    """Keras's initial weights: Glorot uniform, orthogonal recurrent, bias 0 but 1 for the forget gate; gates i f g o."""
    rng = np.random.default_rng(seed)
    w_x = np.zeros(_BLOCKS.shape, np.float32)
    for direction in range(N_DIRECTIONS):
        columns = columns_of(direction // 2)
        w_x[columns, direction] = _glorot(rng, len(columns), 4 * N_SMALL)
    params = {
        "small_w_x": w_x,
        "small_w_h": np.stack([_orthogonal(rng, N_SMALL) for _ in range(N_DIRECTIONS)]),
        "small_bias": np.tile(_forget_one(N_SMALL), (N_DIRECTIONS, 1)),
        "large_w_x": _glorot(rng, N_CONCAT, 4 * N_LARGE),
        "large_w_h": _orthogonal(rng, N_LARGE),
        "large_bias": _forget_one(N_LARGE),
        "dense_w": _glorot(rng, N_LARGE, 1)[:, 0],
        "dense_bias": np.zeros(1, np.float32),
    }
    return held(params)


def held(params) -> dict:
    """The parameters, or their gradient, with everything that is held at zero set to zero."""
    return params | {
        "small_w_x": params["small_w_x"] * (_BLOCKS * _KNOWN),
        "small_bias": params["small_bias"] * _KNOWN,
    }


def n_parameters() -> int:
    """Parameters that exist in the exported network (the zero blocks of `small_w_x` do not)."""
    shapes = {name: value.size for name, value in init(0).items()}
    return int(sum(shapes.values()) - shapes["small_w_x"] + _BLOCKS.sum())


_COLUMNS = [columns_of(direction // 2) for direction in range(N_DIRECTIONS)]


def predict(params, x) -> np.ndarray:
    """Scores [N] (before the sigmoid) of x [N, 48, 76]."""
    return recurrence.run(params, _COLUMNS, x)[:, -1].astype(np.float64)


def gradient(params, x, targets, weight, rate, rng):
    """Gradient of the mean over stays of `sum_t weight[t] cross-entropy(target, score_t)`, one score after each hour.

    x is [batch, 48, 76], the batch a multiple of 16. Units are dropped at `rate`, the same ones at all hours of a stay:
    inputs of LSTM(32) and of the Dense.
    """
    kept = [(rng.random((len(x), n)) >= rate) / (1 - rate) for n in (N_CONCAT, N_LARGE)]
    scores, grad = recurrence.run(params, _COLUMNS, x, (targets, weight, *kept))
    return scores, held(grad)


def _glorot(rng, n_in, n_out):
    limit = (6 / (n_in + n_out)) ** 0.5
    return rng.uniform(-limit, limit, (n_in, n_out)).astype(np.float32)


def _orthogonal(rng, n_hidden):
    q, r = np.linalg.qr(rng.standard_normal((4 * n_hidden, n_hidden)))
    return (q * np.sign(np.diag(r))).T.astype(np.float32)


def _forget_one(n_hidden):
    return np.repeat(np.array([0, 1, 0, 0], np.float32), n_hidden)
