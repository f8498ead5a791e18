"""Families as Keras 2 (tf_keras) and Keras 3 write them, both through tf2onnx.

What decides whether an LSTM node is written, as measured with these versions: Keras 2 writes LSTM and GRU
(`reset_after`) nodes; SimpleRNN, GRU with `reset_after=False` and anything behind `Masking` become Loop. Keras 3 writes
LSTM nodes where the batch is left open, and Loop where it is fixed at 1; GRU, SimpleRNN and `Masking` become Loop
either way.
"""

import tensorflow as tf
import tf2onnx

from .record import FOLDER, Case, seed, strip_debug

STEPS, COLUMNS, HIDDEN = 12, 5, 6
CHANNELS = [[0, 1, 6], [2, 7], [3, 4, 8], [5, 9]]
SEQUENCE = [{"name": "x", "shape": [1, STEPS, COLUMNS], "type": "float32"}]
CHANNEL_SEQUENCE = [{"name": "x", "shape": [1, STEPS, 10], "type": "float32"}]
BENCHMARK = [{"name": "x", "shape": [1, 48, 76], "type": "float32"}]
TOKENS = [{"name": "tokens", "shape": [1, STEPS], "type": "int32", "vocabulary": 30}]
STATIC = [*SEQUENCE, {"name": "static", "shape": [1, 3], "type": "float32"}]


class Families:
    """One function a family; `k` is `tf_keras` or `keras`, `version` 2 or 3."""

    def __init__(self, k, version):
        self.k, self.l, self.version = k, k.layers, version

    def one(self, layer):
        return self.k.Sequential([self.k.Input((STEPS, COLUMNS)), layer, self.l.Dense(1, activation="sigmoid")])

    def lstm(self):
        return self.one(self.l.LSTM(HIDDEN))

    def gru(self):
        return self.one(self.l.GRU(HIDDEN))

    def gru_reset_before(self):
        return self.one(self.l.GRU(HIDDEN, reset_after=False))

    def rnn(self):
        return self.one(self.l.SimpleRNN(HIDDEN))

    def masking(self):
        layers = [self.k.Input((STEPS, COLUMNS)), self.l.Masking(), self.l.LSTM(HIDDEN)]
        return self.k.Sequential([*layers, self.l.Dense(1, activation="sigmoid")])

    def masking_both(self):
        """Both directions over the same mask, with zeros at masked steps, and a plain cell above."""
        layers = [self.k.Input((STEPS, COLUMNS)), self.l.Masking()]
        layers += [self.l.Bidirectional(self.l.GRU(HIDDEN, return_sequences=True)), self.l.SimpleRNN(HIDDEN)]
        return self.k.Sequential([*layers, self.l.Dense(1, activation="sigmoid")])

    def masking_steps(self):
        """An output a step: at a masked one the last output before it."""
        layers = [self.k.Input((STEPS, COLUMNS)), self.l.Masking(), self.l.LSTM(HIDDEN, return_sequences=True)]
        return self.k.Sequential([*layers, self.l.TimeDistributed(self.l.Dense(1, activation="sigmoid"))])

    def masking_pooled(self):
        """The mean over the steps that are not masked."""
        layers = [self.k.Input((STEPS, COLUMNS)), self.l.Masking(), self.l.LSTM(HIDDEN, return_sequences=True)]
        return self.k.Sequential([*layers, self.l.GlobalAveragePooling1D(), self.l.Dense(1, activation="sigmoid")])

    def bilstm2(self):
        def both(**options):
            return self.l.Bidirectional(self.l.LSTM(HIDDEN, **options))

        layers = [self.k.Input((STEPS, COLUMNS)), both(return_sequences=True), self.l.Dropout(0.3), both()]
        return self.k.Sequential([*layers, self.l.Dense(1, activation="sigmoid")])

    def bigru2(self):
        def both(**options):
            return self.l.Bidirectional(self.l.GRU(HIDDEN, **options))

        layers = [self.k.Input((STEPS, COLUMNS)), both(return_sequences=True), both()]
        return self.k.Sequential([*layers, self.l.Dense(1, activation="sigmoid")])

    def sequence(self, depth):
        """The benchmark's channel-wise network up to the sequence of the LSTM above."""
        x = self.k.Input((STEPS, 10), name="x")
        parts = []
        for columns in CHANNELS:
            if self.version == 2:
                part = self.l.Lambda(lambda v, c=columns: tf.gather(v, c, axis=-1))(x)
            else:
                part = self.k.ops.take(x, columns, axis=-1)
            for _ in range(depth):
                part = self.l.Bidirectional(self.l.LSTM(2, return_sequences=True))(part)
            parts.append(part)
        above = self.l.Concatenate()(parts)
        for _ in range(depth):
            above = self.l.LSTM(HIDDEN, return_sequences=True)(above)
        return x, above

    def benchmark_masking(self):
        """The benchmark's own Keras 2 network behind its `Masking` layer, as its code has it."""
        from channel_wise import N_COLUMNS, N_HOURS, N_LARGE, N_SMALL, channel_columns

        x = self.k.Input((N_HOURS, N_COLUMNS), name="x")
        masked, parts = self.l.Masking()(x), []
        for columns in channel_columns():
            gather = self.l.Lambda(lambda v, c=columns: tf.gather(v, c, axis=-1), mask=lambda v, m: m)
            parts.append(self.l.Bidirectional(self.l.LSTM(N_SMALL, return_sequences=True))(gather(masked)))
        above = self.l.LSTM(N_LARGE)(self.l.Concatenate()(parts))
        return self.k.Model(x, self.l.Dense(1, activation="sigmoid")(above))

    def channel_wise2(self):
        x, above = self.sequence(2)
        last = self.l.Lambda(lambda v: v[:, -1])(above) if self.version == 2 else above[:, -1]
        return self.k.Model(x, self.l.Dense(1, activation="sigmoid")(last))

    def multitask(self):
        x, above = self.sequence(1)
        last = self.l.Lambda(lambda v: v[:, -1])(above) if self.version == 2 else above[:, -1]
        heads = [
            self.l.Dense(1, activation="sigmoid", name="mortality")(last),
            self.l.TimeDistributed(self.l.Dense(1, activation="sigmoid"), name="decompensation")(above),
            self.l.Dense(25, activation="sigmoid", name="phenotypes")(last),
            self.l.TimeDistributed(self.l.Dense(10, activation="softmax"), name="length_of_stay")(above),
        ]
        return self.k.Model(x, heads)

    def attention(self):
        x = self.k.Input((STEPS, COLUMNS), name="x")
        h = self.l.Bidirectional(self.l.LSTM(HIDDEN, return_sequences=True))(x)
        score = self.l.Dense(1, use_bias=False)(self.l.Dense(4, activation="tanh")(h))
        weight = self.l.Softmax(axis=1)(score)
        context = self.l.Flatten()(self.l.Dot(axes=1)([weight, h]))
        return self.k.Model(x, self.l.Dense(1, activation="sigmoid")(context))

    def dense(self):
        layers = [self.k.Input((STEPS, COLUMNS)), self.l.LSTM(HIDDEN), self.l.Dense(8), self.l.BatchNormalization()]
        layers += [self.l.ReLU(), self.l.Dropout(0.5), self.l.Dense(1, activation="sigmoid")]
        return self.k.Sequential(layers)

    def layer_norm(self):
        layers = [self.k.Input((STEPS, COLUMNS)), self.l.LSTM(HIDDEN, return_sequences=True)]
        layers += [self.l.LayerNormalization(), self.l.GlobalAveragePooling1D(), self.l.Dense(1)]
        return self.k.Sequential(layers)

    def conv(self):
        layers = [self.k.Input((STEPS, COLUMNS)), self.l.Conv1D(6, 3, padding="same", activation="relu")]
        layers += [self.l.MaxPooling1D(2), self.l.LSTM(HIDDEN), self.l.Dense(1, activation="sigmoid")]
        return self.k.Sequential(layers)

    def text(self):
        tokens = self.k.Input((STEPS,), name="tokens", dtype="int32")
        h = self.l.Bidirectional(self.l.LSTM(HIDDEN))(self.l.Embedding(30, 8)(tokens))
        return self.k.Model(tokens, self.l.Dense(2, activation="softmax")(h))

    def pooled(self):
        x = self.k.Input((STEPS, COLUMNS), name="x")
        h = self.l.GRU(HIDDEN, return_sequences=True)(x)
        both = self.l.Concatenate()([self.l.GlobalAveragePooling1D()(h), self.l.GlobalMaxPooling1D()(h)])
        return self.k.Model(x, self.l.Dense(4, activation="softmax")(both))

    def static(self):
        x, static = self.k.Input((STEPS, COLUMNS), name="x"), self.k.Input((3,), name="static")
        both = self.l.Concatenate()([self.l.LSTM(HIDDEN)(x), self.l.Dense(4, activation="relu")(static)])
        return self.k.Model([x, static], self.l.Dense(1, activation="sigmoid")(both))

    def residual(self):
        x = self.k.Input((STEPS, COLUMNS), name="x")
        h = self.l.Dense(HIDDEN)(x)
        for _ in range(2):
            h = self.l.Add()([h, self.l.LSTM(HIDDEN, return_sequences=True)(h)])
        return self.k.Model(x, self.l.Dense(1, activation="sigmoid")(self.l.GlobalAveragePooling1D()(h)))


# name: (family, function, inputs, open batch)
KERAS2 = {
    "lstm-tf-keras": ("lstm", "lstm", SEQUENCE, True),
    "gru-tf-keras": ("gru", "gru", SEQUENCE, False),
    "gru-reset-before-tf-keras": ("gru", "gru_reset_before", SEQUENCE, False),
    "rnn-tf-keras": ("rnn", "rnn", SEQUENCE, False),
    "masking-tf-keras": ("masking", "masking", SEQUENCE, False),
    "masking-pooled-tf-keras": ("masking", "masking_pooled", SEQUENCE, False),
    "masking-bigru-tf-keras": ("masking", "masking_both", SEQUENCE, False),
    "masking-steps-tf-keras": ("masking", "masking_steps", SEQUENCE, False),
    "channel-wise-masking-tf-keras": ("masking", "benchmark_masking", BENCHMARK, False),
    "bilstm2-tf-keras": ("stacked bidirectional LSTM", "bilstm2", SEQUENCE, False),
    "bigru2-tf-keras": ("stacked bidirectional GRU", "bigru2", SEQUENCE, False),
    "channel-wise2-tf-keras": ("channel-wise, depth 2", "channel_wise2", CHANNEL_SEQUENCE, False),
    "multitask-tf-keras": ("channel-wise multitask", "multitask", CHANNEL_SEQUENCE, False),
    "attention-tf-keras": ("attention pooling", "attention", SEQUENCE, False),
    "dense-tf-keras": ("dense, batch normalisation", "dense", SEQUENCE, False),
    "layer-norm-tf-keras": ("dense, layer normalisation", "layer_norm", SEQUENCE, False),
    "conv-tf-keras": ("convolution in front", "conv", SEQUENCE, False),
    "text-tf-keras": ("embedding, text", "text", TOKENS, False),
    "pooled-tf-keras": ("pooled outputs, softmax classes", "pooled", SEQUENCE, False),
    "static-tf-keras": ("static input", "static", STATIC, False),
    "residual-tf-keras": ("residual", "residual", SEQUENCE, True),
}
KERAS3 = {
    "lstm-keras3": ("lstm", "lstm", SEQUENCE, False),
    "lstm-keras3-open": ("lstm", "lstm", SEQUENCE, True),
    "bilstm2-keras3-open": ("stacked bidirectional LSTM", "bilstm2", SEQUENCE, True),
    "gru-keras3-open": ("gru", "gru", SEQUENCE, True),
    "masking-keras3-open": ("masking", "masking", SEQUENCE, True),
    "channel-wise2-keras3-open": ("channel-wise, depth 2", "channel_wise2", CHANNEL_SEQUENCE, True),
    "gru-keras3": ("gru", "gru", SEQUENCE, False),
    "rnn-keras3": ("rnn", "rnn", SEQUENCE, False),
    "masking-pooled-keras3": ("masking", "masking_pooled", SEQUENCE, False),
    "masking-bigru-keras3": ("masking", "masking_both", SEQUENCE, False),
    "masking-steps-keras3": ("masking", "masking_steps", SEQUENCE, False),
    "masking-keras3": ("masking", "masking", SEQUENCE, False),
    "bilstm2-keras3": ("stacked bidirectional LSTM", "bilstm2", SEQUENCE, False),
    "bigru2-keras3": ("stacked bidirectional GRU", "bigru2", SEQUENCE, False),
    "attention-keras3": ("attention pooling", "attention", SEQUENCE, False),
    "multitask-keras3": ("channel-wise multitask", "multitask", CHANNEL_SEQUENCE, False),
    "text-keras3": ("embedding, text", "text", TOKENS, False),
}


def widen(model, number):
    """Weights large enough that outputs differ from input to input, and normalisations that are not the identity."""
    import numpy as np

    rng = np.random.default_rng(number)
    for layer in model.layers:
        name = type(layer).__name__
        if name == "BatchNormalization":
            layer.set_weights([w + rng.uniform(0.0, 0.5, w.shape) for w in layer.get_weights()])
        elif name == "LayerNormalization":
            layer.set_weights([w + rng.uniform(-0.3, 0.3, w.shape) for w in layer.get_weights()])
        elif name != "Embedding":
            layer.set_weights([1.6 * w + rng.normal(0.0, 0.1, w.shape) for w in layer.get_weights()])


def cases(only, version):
    if version == 2:
        import tf_keras as k
    else:
        import keras as k
    families = Families(k, version)
    words = f"{'tf_keras' if version == 2 else 'keras'} {k.__version__}, tf2onnx {tf2onnx.__version__}"
    for name, (family, function, inputs, is_open) in (KERAS2 if version == 2 else KERAS3).items():
        if only and name not in only:
            continue
        k.backend.clear_session()
        k.utils.set_random_seed(seed(name))
        model = getattr(families, function)()
        widen(model, seed(name))
        signature = tuple(
            tf.TensorSpec((None if is_open else 1, *i["shape"][1:]), getattr(tf, i["type"]), name=i["name"])
            for i in inputs
        )
        path = str(FOLDER / f"{name}.onnx")
        if version == 2:
            model.input_names = [i["name"] for i in inputs]
            tf2onnx.convert.from_keras(model, input_signature=signature, opset=17, output_path=path)
        else:

            def call(*x):
                return model(list(x) if len(x) > 1 else x[0], training=False)

            tf2onnx.convert.from_function(
                tf.function(call, input_signature=signature), input_signature=signature, opset=17, output_path=path
            )
        strip_debug(path)
        exporter = words + (", open batch" if is_open else "")
        masked = "scattered" if function in ("masking_both", "masking_steps", "masking_pooled") else "trailing"
        yield Case(name, family, exporter, inputs, padding=masked if "masking" in function else "")
