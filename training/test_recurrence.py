"""The compiled recurrence against the formulas in float64, and its gradient against finite differences."""

import unittest

import numpy as np

import network
import recurrence
from network import N_CONCAT, N_DIRECTIONS, N_LARGE, columns_of


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm(x, w_x, w_h, bias):
    """h [steps, n] of one stay's x [steps, inputs]."""
    n, out = w_h.shape[0], []
    h = c = np.zeros(n)
    for row in x:
        i, f, g, o = np.split(bias + row @ w_x + h @ w_h, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        out.append(h)
    return np.array(out)


def scores(params, x, kept_concat, kept_hidden):
    """The score after each hour of one stay, in float64, unit by unit."""
    p = {name: np.asarray(value, np.float64) for name, value in params.items()}
    small = []
    for direction in range(N_DIRECTIONS):
        columns = columns_of(direction // 2)
        own = x[:, columns][::-1] if direction % 2 else x[:, columns]
        h = lstm(own, p["small_w_x"][columns, direction], p["small_w_h"][direction], p["small_bias"][direction])
        small.append(h[::-1] if direction % 2 else h)
    large = lstm(np.concatenate(small, axis=1) * kept_concat, p["large_w_x"], p["large_w_h"], p["large_bias"])
    return (large * kept_hidden) @ p["dense_w"] + p["dense_bias"]


class Recurrence(unittest.TestCase):
    def setUp(self):
        self.rng = np.random.default_rng(14)
        self.params = {name: value + self.rng.normal(0, 0.1, value.shape) for name, value in network.init(3).items()}
        self.params["dense_bias"] = np.array([-0.4])
        self.params = network.held(self.params)
        self.x = self.rng.normal(size=(16, 48, 76)).astype(np.float32)

    def test_scores(self):
        ones = np.ones(N_CONCAT), np.ones(N_LARGE)
        for n in (1, 16):
            expected = [scores(self.params, stay, *ones)[-1] for stay in self.x[:n]]
            np.testing.assert_allclose(network.predict(self.params, self.x[:n]), expected, atol=2e-6)

    def test_gradient_against_finite_differences(self):
        targets, weight = self.rng.random(16), self.rng.random(48) / 48
        kept = self.rng.random((16, N_CONCAT)) * 2, self.rng.random((16, N_LARGE)) * 2
        columns = [columns_of(direction // 2) for direction in range(N_DIRECTIONS)]
        _, grad = recurrence.run(self.params, columns, self.x, (targets, weight, *kept))

        def loss(params):
            score = np.array([scores(params, *stay) for stay in zip(self.x, *kept)])
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
