"""The paper's channel-wise LSTM in JAX, all 34 channel directions in one batched recurrence.

    for every channel and direction, over its value columns and its mask column (4 hidden units):
        i, f, g, o = W_x x_t + W_h h_{t-1} + b      sigmoid on i, f, o; tanh on g
        c_t = f * c_{t-1} + i * g
        h_t = o * tanh(c_t)
    the 34 h_t of an hour side by side (136) -> LSTM(32) -> its last h -> Dense(1) -> sigmoid: 26,817 parameters

The batch is the last axis, so that the elementwise work of a step is one long vector loop. The 17 input products are one
product by a [76, 34 * 16] matrix that is zero where a column does not belong to the channel.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from channels import CHANNELS, COLUMNS, STEPS

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
_REVERSED = (np.arange(N_DIRECTIONS) % 2 == 1)[:, None, None]


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
    return {
        "small_w_x": w_x,
        "small_w_h": np.stack([_orthogonal(rng, N_SMALL) for _ in range(N_DIRECTIONS)]),
        "small_bias": np.tile(_forget_one(N_SMALL), (N_DIRECTIONS, 1)),
        "large_w_x": _glorot(rng, N_CONCAT, 4 * N_LARGE),
        "large_w_h": _orthogonal(rng, N_LARGE),
        "large_bias": _forget_one(N_LARGE),
        "dense_w": _glorot(rng, N_LARGE, 1)[:, 0],
        "dense_bias": np.zeros((), np.float32),
    }


def held(params) -> dict:
    """The parameters with everything that is held at zero set to zero: what is run and what is exported."""
    return params | {
        "small_w_x": params["small_w_x"] * (_BLOCKS * _KNOWN),
        "small_bias": params["small_bias"] * _KNOWN,
    }


def n_parameters() -> int:
    """Parameters that exist in the exported network (the zero blocks of `small_w_x` do not)."""
    shapes = {name: value.size for name, value in init(0).items()}
    return int(sum(shapes.values()) - shapes["small_w_x"] + _BLOCKS.sum())


def scores(params, x, key=None, rate=0.0):
    """Scores (before the sigmoid) [batch, 48], one after each hour, of x [batch, 48, 76]; the last is the network's.

    With a key, units are dropped at `rate`: the same ones at all hours of a stay, inputs of LSTM(32) and of the Dense.
    """
    params, x = held(params), jnp.transpose(x, (1, 2, 0))
    small = _small(params, x)
    if key is not None:
        first, second = jax.random.split(key)
        small = small * _keep(first, rate, (1, N_CONCAT, x.shape[2]))
    large = _lstm(small, params["large_w_x"], params["large_w_h"], params["large_bias"])
    if key is not None:
        large = large * _keep(second, rate, (1, N_LARGE, x.shape[2]))
    return jnp.einsum("tnb,n->bt", large, params["dense_w"]) + params["dense_bias"]


@jax.jit
def last_scores(params, x):
    """The network's score [batch] of x [batch, 48, 76]."""
    return scores(params, x)[:, -1]


def predict(params, x, batch=400) -> np.ndarray:
    """Scores [N] in batches, as NumPy."""
    return np.concatenate([np.asarray(last_scores(params, x[i : i + batch])) for i in range(0, len(x), batch)])


def _small(params, x):
    """h of the 34 directions, each at its own hour: [48, 136, batch]."""
    n_batch = x.shape[2]
    w_x = params["small_w_x"].reshape(COLUMNS, -1)
    z_x = jnp.einsum("tcb,cn->tnb", x, w_x).reshape(STEPS, N_DIRECTIONS, 4 * N_SMALL, n_batch)
    z_x = jnp.where(_REVERSED, z_x[::-1], z_x) + params["small_bias"][:, :, None]
    w_h = params["small_w_h"]

    def step(state, z):
        h, c = state
        for k in range(N_SMALL):
            z = z + w_h[:, k, :, None] * h[:, k, None, :]
        h, c = _cell(z.reshape(N_DIRECTIONS, 4, N_SMALL, n_batch), c, axis=1)
        return (h, c), h

    zero = jnp.zeros((N_DIRECTIONS, N_SMALL, n_batch))
    _, h = jax.lax.scan(step, (zero, zero), z_x, unroll=4)
    return jnp.where(_REVERSED, h[::-1], h).reshape(STEPS, N_CONCAT, n_batch)


def _lstm(x, w_x, w_h, bias):
    """h [48, n_hidden, batch] of x [48, n_inputs, batch]."""
    n_hidden, n_batch = w_h.shape[0], x.shape[2]
    z_x = jnp.einsum("tcb,cn->tnb", x, w_x) + bias[:, None]

    def step(state, z):
        h, c = state
        h, c = _cell((z + w_h.T @ h).reshape(4, n_hidden, n_batch), c, axis=0)
        return (h, c), h

    zero = jnp.zeros((n_hidden, n_batch))
    _, h = jax.lax.scan(step, (zero, zero), z_x, unroll=4)
    return h


def _cell(z, c, axis):
    i, f, g, o = (jax.lax.index_in_dim(z, gate, axis, keepdims=False) for gate in range(4))
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def _keep(key, rate, shape):
    return jax.random.bernoulli(key, 1 - rate, shape) / (1 - rate)


def _glorot(rng, n_in, n_out):
    limit = (6 / (n_in + n_out)) ** 0.5
    return rng.uniform(-limit, limit, (n_in, n_out)).astype(np.float32)


def _orthogonal(rng, n_hidden):
    q, r = np.linalg.qr(rng.standard_normal((4 * n_hidden, n_hidden)))
    return (q * np.sign(np.diag(r))).T.astype(np.float32)


def _forget_one(n_hidden):
    return np.repeat(np.array([0, 1, 0, 0], np.float32), n_hidden)
