"""Modules in memory, where PyTorch and Keras are installed: exported, explained, and refused where the export differs."""

import os
import unittest

import numpy as np

import vitrine
from common import found
from vitrine import errors

# As docs/recipes.md says of tf_keras; Keras 3 takes TensorFlow, from which tf2onnx exports.
os.environ |= {"TF_USE_LEGACY_KERAS": "1", "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"}

SHAPE = (12, 5)
X = np.random.default_rng(8).normal(size=(3, *SHAPE)).astype(np.float32)


class Torch(unittest.TestCase):
    def network(self, before=lambda x: x):
        """A small LSTM in training mode, with something done to what it reads."""
        torch = found("torch")

        class Network(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.lstm = torch.nn.LSTM(5, 8, batch_first=True)
                self.head = torch.nn.Linear(8, 1)

            def forward(self, x):
                return torch.sigmoid(self.head(self.lstm(before(x))[0][:, -1]))

        torch.manual_seed(0)
        return Network()

    def test_a_module_is_explained_where_it_stands(self):
        torch = found("torch")
        module = self.network()
        model = vitrine.Model(module, shape=SHAPE)
        self.assertTrue(module.training)
        own = module(torch.from_numpy(X)).detach().numpy()
        np.testing.assert_allclose(model.predict(X), own, rtol=0, atol=2e-6)
        self.assertEqual(model.explain(X).relevance.shape, X.shape)

    def test_a_module_that_takes_steps_first_is_an_error(self):
        torch = found("torch")

        class StepsFirst(torch.nn.Module):
            def __init__(self, cell):
                super().__init__()
                self.cell = cell(5, 8)
                self.head = torch.nn.Linear(8, 1)

            def forward(self, x):
                return torch.sigmoid(self.head(self.cell(x)[0][-1]))

        for cell in (torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN):
            with self.assertRaisesRegex(errors.MismatchError, "shape says 12 x 5; the module has to take .stays, steps, columns."):
                vitrine.Model(StepsFirst(cell), shape=SHAPE)

    def test_an_export_that_says_something_else_is_an_error(self):
        # The exporter follows one input, of zeros, and keeps the branch that it takes.
        module = self.network(lambda x: x if float(x.abs().sum()) == 0 else 1.01 * x)
        with self.assertRaisesRegex(errors.MismatchError, r"differ by \d\.\de-0\d, and 2e-06 is allowed"):
            vitrine.Model(module, shape=SHAPE)
        self.assertTrue(module.training)

    def test_what_differs_from_run_to_run_is_an_error(self):
        torch = found("torch")
        dropped = self.network(lambda x: torch.nn.functional.dropout(x, 0.5, training=True))
        noisy = self.network(lambda x: x + 0.1 * torch.randn_like(x))
        drawn = self.network(lambda x: x + 0.1 * torch.from_numpy(np.random.normal(size=x.shape).astype("f4")))
        for module, kind, words in [
            (dropped, errors.ModelError, "random; export the model in evaluation mode"),
            (noisy, errors.UnsupportedModelError, "no two runs agree"),
            (drawn, errors.MismatchError, "the module and its export differ by"),
        ]:
            with self.subTest(words), self.assertRaisesRegex(kind, words):
                vitrine.Model(module, shape=SHAPE)


class Keras(unittest.TestCase):
    def check(self, name):
        keras = found(name)
        found("tf2onnx")
        keras.utils.set_random_seed(3)
        layers = [keras.layers.Input(SHAPE), keras.layers.LSTM(8), keras.layers.Dense(1, activation="sigmoid")]
        module = keras.Sequential(layers)
        model = vitrine.Model(module, shape=SHAPE)
        np.testing.assert_allclose(model.predict(X), np.asarray(module(X)), rtol=0, atol=2e-6)
        self.assertEqual(model.explain(X).relevance.shape, X.shape)

    def test_a_model_of_keras_3(self):
        self.check("keras")

    def test_a_model_of_keras_2(self):
        self.check("tf_keras")


if __name__ == "__main__":
    unittest.main()
