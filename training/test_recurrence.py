"""The compiled recurrence against the formulas in float64, and its gradient against finite differences."""

import unittest

import numpy as np

import network
import recurrence
from network import N_CONCAT, N_DIRECTIONS, N_LARGE, columns_of


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm(x, w_x, w_h, bias):
    """h [stays, steps, n] of x [stays, steps, inputs]."""
    out = []
    h = c = np.zeros((len(x), w_h.shape[0]))
    for hour in range(x.shape[1]):
        i, f, g, o = np.split(bias + x[:, hour] @ w_x + h @ w_h, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        out.append(h)
    return np.stack(out, axis=1)


def scores(params, x, kept_concat, kept_hidden):
    """The score after each hour of each stay, in float64, one layer after another."""
    p = {name: np.asarray(value, np.float64) for name, value in params.items()}
    small = []
    for direction in range(N_DIRECTIONS):
        columns = columns_of(direction // 2)
        own = x[:, ::-1, columns] if direction % 2 else x[..., columns]
        h = lstm(own, p["small_w_x"][columns, direction], p["small_w_h"][direction], p["small_bias"][direction])
        small.append(h[:, ::-1] if direction % 2 else h)
    joined = np.concatenate(small, axis=2) * kept_concat[:, None]
    large = lstm(joined, p["large_w_x"], p["large_w_h"], p["large_bias"])
    return (large * kept_hidden[:, None]) @ p["dense_w"] + p["dense_bias"]


class Recurrence(unittest.TestCase):
    def setUp(self):
        self.rng = np.random.default_rng(14)
        self.params = {name: value + self.rng.normal(0, 0.1, value.shape) for name, value in network.init(3).items()}
        self.params["dense_bias"] = np.array([-0.4])
        self.params = network.held(self.params)
        self.x = self.rng.normal(size=(16, 48, 76)).astype(np.float32)

    def test_scores(self):
        for n in (1, 16):
            expected = scores(self.params, self.x[:n], np.ones((n, N_CONCAT)), np.ones((n, N_LARGE)))[:, -1]
            np.testing.assert_allclose(network.predict(self.params, self.x[:n]), expected, atol=2e-6)

    def test_gradient_against_finite_differences(self):
        targets, weight = self.rng.random(16), self.rng.random(48) / 48
        kept = self.rng.random((16, N_CONCAT)) * 2, self.rng.random((16, N_LARGE)) * 2
        columns = [columns_of(direction // 2) for direction in range(N_DIRECTIONS)]
        _, grad = recurrence.run(self.params, columns, self.x, (targets, weight, *kept))

        def loss(params):
            score = scores(params, self.x, *kept)
            return np.mean((np.logaddexp(0, score) - targets[:, None] * score) @ weight)

        for name in recurrence.PARTS:
            # One random direction a part, over its own columns alone: a wrong entry anywhere shows.
            direction = np.sign(self.rng.normal(size=self.params[name].shape)) * (self.params[name] != 0)
            step = 1e-4
            moved = [loss(self.params | {name: self.params[name] + side * step * direction}) for side in (1, -1)]
            expected = (moved[0] - moved[1]) / (2 * step)
            got = float(np.sum(grad[name] * direction))
            self.assertAlmostEqual(got, expected, delta=1e-4 * (1 + abs(expected)), msg=name)

    def test_a_gradient_takes_whole_blocks(self):
        with self.assertRaisesRegex(ValueError, "multiple of 16"):
            recurrence.run(self.params, [[0]] * 34, self.x[:5], (0, 0, 0, 0))


if __name__ == "__main__":
    unittest.main()
