"""Families as PyTorch's two exporters write them."""

import torch
from torch import nn

from .record import FOLDER, Case, seed, strip_debug

STEPS, COLUMNS, HIDDEN = 12, 5, 6
CHANNELS = [[0, 1, 6], [2, 7], [3, 4, 8], [5, 9]]  # a channel-wise input of ten columns, the last four its masks


class Last(nn.Module):
    """One recurrent layer, its last hidden state, a dense layer, a sigmoid."""

    def __init__(self, layer):
        super().__init__()
        self.layer, self.dense = layer, nn.Linear(HIDDEN, 1)

    def forward(self, x):
        _, state = self.layer(x)
        h = state[0] if isinstance(state, tuple) else state
        return torch.sigmoid(self.dense(h[-1]))


class Stacked(nn.Module):
    """Stacked bidirectional layers, the last step of their sequence."""

    def __init__(self, kind):
        super().__init__()
        self.layer = kind(COLUMNS, HIDDEN, num_layers=2, bidirectional=True, batch_first=True, dropout=0.3)
        self.dense = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        return torch.sigmoid(self.dense(self.layer(x)[0][:, -1]))


class ChannelWise(nn.Module):
    """The benchmark's channel-wise network of a given depth."""

    def __init__(self, depth, head, n_small=2, n_large=6):
        super().__init__()
        self.channels = nn.ModuleList(
            nn.LSTM(len(c), n_small, num_layers=depth, bidirectional=True, batch_first=True) for c in CHANNELS
        )
        self.above = nn.LSTM(2 * n_small * len(CHANNELS), n_large, num_layers=depth, batch_first=True)
        self.head = head(n_large)

    def forward(self, x):
        parts = [lstm(x[:, :, columns])[0] for lstm, columns in zip(self.channels, CHANNELS)]
        return self.head(self.above(torch.cat(parts, dim=-1))[0])


class OneHead(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.dense = nn.Linear(n, 1)

    def forward(self, sequence):
        return torch.sigmoid(self.dense(sequence[:, -1]))


class Multitask(nn.Module):
    """Mortality, decompensation at every hour, 25 phenotypes, and a length of stay in 10 buckets at every hour."""

    def __init__(self, n):
        super().__init__()
        self.mortality, self.decompensation = nn.Linear(n, 1), nn.Linear(n, 1)
        self.phenotypes, self.length_of_stay = nn.Linear(n, 25), nn.Linear(n, 10)

    def forward(self, sequence):
        last = sequence[:, -1]
        return (
            torch.sigmoid(self.mortality(last)),
            torch.sigmoid(self.decompensation(sequence)),
            torch.sigmoid(self.phenotypes(last)),
            torch.softmax(self.length_of_stay(sequence), dim=-1),
        )


class Attention(nn.Module):
    """Scores over time, their softmax, and the weighted mean of the states."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(COLUMNS, HIDDEN, bidirectional=True, batch_first=True)
        self.project, self.score = nn.Linear(2 * HIDDEN, 4), nn.Linear(4, 1, bias=False)
        self.dense = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        h = self.lstm(x)[0]
        weight = torch.softmax(self.score(torch.tanh(self.project(h))), dim=1)
        return torch.sigmoid(self.dense((weight * h).sum(dim=1)))


class DotAttention(nn.Module):
    """The last state asks, every state answers: a product of two computed matrices."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(COLUMNS, HIDDEN, batch_first=True)
        self.dense = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        h, (last, _) = self.lstm(x)
        query = last[-1].unsqueeze(2)
        weight = torch.softmax(torch.bmm(h, query).squeeze(2), dim=-1).unsqueeze(1)
        context = torch.bmm(weight, h).squeeze(1)
        return torch.sigmoid(self.dense(torch.cat([context, last[-1]], dim=-1)))


class DenseBatchNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(COLUMNS, HIDDEN, batch_first=True)
        self.above = nn.Sequential(
            nn.Linear(HIDDEN, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 1), nn.Sigmoid()
        )
        norm = self.above[1]
        nn.init.uniform_(norm.running_mean, -0.3, 0.3)
        nn.init.uniform_(norm.running_var, 0.5, 1.5)
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.uniform_(norm.bias, -0.3, 0.3)

    def forward(self, x):
        return self.above(self.lstm(x)[1][0][-1])


class DenseLayerNorm(nn.Module):
    """Layer normalisation of a sequence output, then dense layers; a regression."""

    def __init__(self):
        super().__init__()
        self.lstm, self.norm = nn.LSTM(COLUMNS, HIDDEN, batch_first=True), nn.LayerNorm(HIDDEN)
        nn.init.uniform_(self.norm.weight, 0.5, 1.5)
        nn.init.uniform_(self.norm.bias, -0.3, 0.3)
        self.above = nn.Sequential(nn.Linear(HIDDEN, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 1))

    def forward(self, x):
        return self.above(self.norm(self.lstm(x)[0]).mean(dim=1))


class ConvInFront(nn.Module):
    def __init__(self, pooled):
        super().__init__()
        layers = [nn.Conv1d(COLUMNS, 6, 3, padding=1), nn.ReLU()]
        self.conv = nn.Sequential(*layers, *([nn.MaxPool1d(2)] if pooled else []))
        self.lstm, self.dense = nn.LSTM(6, HIDDEN, batch_first=True), nn.Linear(HIDDEN, 1)

    def forward(self, x):
        z = self.conv(x.transpose(1, 2)).transpose(1, 2)
        return torch.sigmoid(self.dense(self.lstm(z)[1][0][-1]))


class Text(nn.Module):
    """Embedding, bidirectional LSTM, the two last states, two class scores."""

    def __init__(self, n_vocabulary=30, n_embedding=8):
        super().__init__()
        self.embedding = nn.Embedding(n_vocabulary, n_embedding, padding_idx=0)
        self.lstm = nn.LSTM(n_embedding, HIDDEN, bidirectional=True, batch_first=True)
        self.dense = nn.Linear(2 * HIDDEN, 2)

    def forward(self, tokens):
        h = self.lstm(self.embedding(tokens))[1][0]
        return torch.softmax(self.dense(torch.cat([h[0], h[1]], dim=-1)), dim=-1)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = nn.Linear(COLUMNS, HIDDEN)
        self.first = nn.LSTM(HIDDEN, HIDDEN, batch_first=True)
        self.second = nn.LSTM(HIDDEN, HIDDEN, batch_first=True)
        self.dense = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        x = self.start(x)
        x = x + self.first(x)[0]
        x = x + self.second(x)[0]
        return torch.sigmoid(self.dense(x[:, -1]))


class Pooled(nn.Module):
    """Mean, maximum and last step of a sequence, side by side."""

    def __init__(self):
        super().__init__()
        self.gru, self.dense = nn.GRU(COLUMNS, HIDDEN, batch_first=True), nn.Linear(3 * HIDDEN, 4)

    def forward(self, x):
        h = self.gru(x)[0]
        pooled = torch.cat([h.mean(dim=1), h.max(dim=1).values, h[:, -1]], dim=-1)
        return torch.softmax(self.dense(pooled), dim=-1)


class Static(nn.Module):
    """A second input of numbers that do not change over the stay."""

    def __init__(self, n_static=3):
        super().__init__()
        self.lstm, self.static = nn.LSTM(COLUMNS, HIDDEN, batch_first=True), nn.Linear(n_static, 4)
        self.dense = nn.Linear(HIDDEN + 4, 1)

    def forward(self, x, static):
        h = self.lstm(x)[1][0][-1]
        return torch.sigmoid(self.dense(torch.cat([h, torch.relu(self.static(static))], dim=-1)))


class PerStep(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.dense = nn.LSTM(COLUMNS, HIDDEN, batch_first=True), nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return torch.sigmoid(self.dense(self.lstm(x)[0]))


class SelfMade(nn.Module):
    """A recurrence written out by hand, step by step: the gates are ordinary nodes, unrolled by the exporter."""

    def __init__(self, n_steps=4):
        super().__init__()
        self.cell, self.dense, self.n_steps = nn.GRUCell(COLUMNS, HIDDEN), nn.Linear(HIDDEN, 1), n_steps

    def forward(self, x):
        h = x.new_zeros(1, HIDDEN)
        for step in range(self.n_steps):
            h = self.cell(x[:, step], h)
        return torch.sigmoid(self.dense(h))


class Packed(nn.Module):
    """Sequences of different lengths, packed: the lengths are an input."""

    def __init__(self):
        super().__init__()
        self.lstm, self.dense = nn.LSTM(COLUMNS, HIDDEN, batch_first=True), nn.Linear(HIDDEN, 1)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return torch.sigmoid(self.dense(self.lstm(packed)[1][0][-1]))


def wide(module):
    """The module with weights large enough that outputs differ from input to input."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if "weight" in name and "norm" not in name and "above.1" not in name:
                parameter.mul_(1.8)
    return module.eval()


SEQUENCE = [{"name": "x", "shape": [1, STEPS, COLUMNS], "type": "float32"}]
CHANNEL_SEQUENCE = [{"name": "x", "shape": [1, STEPS, 10], "type": "float32"}]
TOKENS = [{"name": "tokens", "shape": [1, STEPS], "type": "int64", "vocabulary": 30}]
STATIC = [*SEQUENCE, {"name": "static", "shape": [1, 3], "type": "float32"}]
SHORT = [{"name": "x", "shape": [1, 4, COLUMNS], "type": "float32"}]
TASKS = ["mortality", "decompensation", "phenotypes", "length_of_stay"]


def lstm(**options):
    return nn.LSTM(COLUMNS, HIDDEN, batch_first=True, **options)


# name: (family, module, inputs, outputs, how)
# how: "script" or "dynamo", with "batch" and "time" for open axes, "inline" for weights inside the file, an opset.
class StateSpace(nn.Module):
    """A linear state in a loop of Python, the last output through a dense layer: h = a * h + b, p = sigmoid(dense(read(h)))."""

    def __init__(self, n=HIDDEN):
        super().__init__()
        self.into, self.dense = nn.Linear(COLUMNS, n), nn.Linear(n, 1)

    def forward(self, x):
        h = x.new_zeros(x.shape[0], self.dense.in_features)
        for t in range(x.shape[1]):
            h = self.step(x[:, t], h)
        return torch.sigmoid(self.dense(h))


class MinGru(StateSpace):
    """minGRU (Feng 2024): gate and candidate see the input alone."""

    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(COLUMNS, HIDDEN)

    def step(self, x, h):
        z = torch.sigmoid(self.gate(x))
        return (1 - z) * h + z * self.into(x)


class S4D(StateSpace):
    """S4D (Gu 2022): a diagonal of complex numbers, as pairs of real ones."""

    def __init__(self):
        super().__init__(2 * HIDDEN)
        self.decay, self.turn = nn.Parameter(torch.rand(HIDDEN) + 0.1), nn.Parameter(torch.rand(HIDDEN) * 2)

    def step(self, x, h):
        real, imaginary = h.chunk(2, dim=-1)
        size = torch.exp(-self.decay)
        c, s = size * torch.cos(self.turn), size * torch.sin(self.turn)
        return torch.cat([c * real - s * imaginary, s * real + c * imaginary], dim=-1) + self.into(x)


class Mamba(nn.Module):
    """A selective state space (Gu and Dao 2023): a short convolution, step sizes and read-out from the input, a gate."""

    def __init__(self, n=HIDDEN, n_state=4):
        super().__init__()
        self.into, self.dense = nn.Linear(COLUMNS, 2 * n), nn.Linear(n, 1)
        self.convolution = nn.Conv1d(n, n, 3, padding=2, groups=n)
        self.select, self.size = nn.Linear(n, 2 * n_state), nn.Linear(n, n)
        self.rate = nn.Parameter(torch.rand(n, n_state))

    def forward(self, x):
        u, gate = self.into(x).chunk(2, dim=-1)
        u = nn.functional.silu(self.convolution(u.transpose(1, 2))[..., : x.shape[1]].transpose(1, 2))
        b, c = self.select(u).chunk(2, dim=-1)
        delta = nn.functional.softplus(self.size(u))
        h = x.new_zeros(x.shape[0], *self.rate.shape)
        for t in range(x.shape[1]):
            keep = torch.exp(-delta[:, t, :, None] * torch.exp(self.rate))
            h = keep * h + (delta[:, t] * u[:, t])[..., None] * b[:, t, None, :]
        y = (h * c[:, -1, None, :]).sum(-1)
        return torch.sigmoid(self.dense(y * nn.functional.silu(gate[:, -1])))


class LeastOfSeen(nn.Module):
    """The least and the greatest of positive values over the steps: others are infinity in their place."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(2 * COLUMNS, 1)
        # The last step is always seen.
        self.register_buffer("may_hide", (torch.arange(STEPS) < STEPS - 1)[None, :, None])

    def forward(self, x):
        hidden = (x < 0) & self.may_hide
        least = x.masked_fill(hidden, float("inf")).amin(1)
        return torch.sigmoid(self.dense(torch.cat([least, x.masked_fill(hidden, float("-inf")).amax(1)], dim=-1)))


CASES = {
    "lstm-torchscript": ("lstm", lambda: Last(lstm()), SEQUENCE, ["probability"], "script opset17"),
    "lstm-torchscript-open": ("lstm", lambda: Last(lstm()), SEQUENCE, ["probability"], "script opset17 batch time"),
    "lstm-dynamo": ("lstm", lambda: Last(lstm()), SEQUENCE, ["probability"], "dynamo"),
    "lstm-dynamo-open": ("lstm", lambda: Last(lstm()), SEQUENCE, ["probability"], "dynamo inline batch time"),
    "gru-torchscript": (
        "gru",
        lambda: Last(nn.GRU(COLUMNS, HIDDEN, batch_first=True)),
        SEQUENCE,
        ["probability"],
        "script opset14",
    ),
    "gru-dynamo": ("gru", lambda: Last(nn.GRU(COLUMNS, HIDDEN, batch_first=True)), SEQUENCE, ["probability"], "dynamo"),
    "rnn-torchscript": (
        "rnn",
        lambda: Last(nn.RNN(COLUMNS, HIDDEN, batch_first=True)),
        SEQUENCE,
        ["probability"],
        "script opset17",
    ),
    "rnn-relu-dynamo": (
        "rnn",
        lambda: Last(nn.RNN(COLUMNS, HIDDEN, batch_first=True, nonlinearity="relu")),
        SEQUENCE,
        ["probability"],
        "dynamo inline",
    ),
    "bilstm2-torchscript": ("stacked bidirectional LSTM", lambda: Stacked(nn.LSTM), SEQUENCE, ["p"], "script opset13"),
    "bilstm2-dynamo": ("stacked bidirectional LSTM", lambda: Stacked(nn.LSTM), SEQUENCE, ["p"], "dynamo inline batch"),
    "bigru2-torchscript": (
        "stacked bidirectional GRU",
        lambda: Stacked(nn.GRU),
        SEQUENCE,
        ["p"],
        "script opset17 batch",
    ),
    "bigru2-dynamo": ("stacked bidirectional GRU", lambda: Stacked(nn.GRU), SEQUENCE, ["p"], "dynamo inline"),
    "channel-wise2-torchscript": (
        "channel-wise, depth 2",
        lambda: ChannelWise(2, OneHead),
        CHANNEL_SEQUENCE,
        ["p"],
        "script opset17",
    ),
    "channel-wise2-dynamo": (
        "channel-wise, depth 2",
        lambda: ChannelWise(2, OneHead),
        CHANNEL_SEQUENCE,
        ["p"],
        "dynamo inline",
    ),
    "multitask-torchscript": (
        "channel-wise multitask",
        lambda: ChannelWise(1, Multitask),
        CHANNEL_SEQUENCE,
        TASKS,
        "script opset17",
    ),
    "multitask-dynamo": (
        "channel-wise multitask",
        lambda: ChannelWise(1, Multitask),
        CHANNEL_SEQUENCE,
        TASKS,
        "dynamo",
    ),
    "attention-torchscript": ("attention pooling", Attention, SEQUENCE, ["p"], "script opset17"),
    "attention-dynamo": ("attention pooling", Attention, SEQUENCE, ["p"], "dynamo inline"),
    "dot-attention-torchscript": ("attention pooling", DotAttention, SEQUENCE, ["p"], "script opset17"),
    "batch-norm-torchscript": ("dense, batch normalisation", DenseBatchNorm, SEQUENCE, ["p"], "script opset17"),
    "batch-norm-dynamo": ("dense, batch normalisation", DenseBatchNorm, SEQUENCE, ["p"], "dynamo inline"),
    "layer-norm-torchscript": ("dense, layer normalisation", DenseLayerNorm, SEQUENCE, ["hours"], "script opset17"),
    "layer-norm-decomposed": ("dense, layer normalisation", DenseLayerNorm, SEQUENCE, ["hours"], "script opset16"),
    "layer-norm-dynamo": ("dense, layer normalisation", DenseLayerNorm, SEQUENCE, ["hours"], "dynamo inline"),
    "conv-torchscript": ("convolution in front", lambda: ConvInFront(False), SEQUENCE, ["p"], "script opset17"),
    "conv-pool-torchscript": ("convolution in front", lambda: ConvInFront(True), SEQUENCE, ["p"], "script opset17"),
    "conv-dynamo": ("convolution in front", lambda: ConvInFront(True), SEQUENCE, ["p"], "dynamo inline"),
    "text-torchscript": ("embedding, text", Text, TOKENS, ["class"], "script opset17"),
    "text-dynamo": ("embedding, text", Text, TOKENS, ["class"], "dynamo inline"),
    "residual-torchscript": ("residual", Residual, SEQUENCE, ["p"], "script opset17"),
    "residual-dynamo": ("residual", Residual, SEQUENCE, ["p"], "dynamo inline"),
    "pooled-torchscript": ("pooled outputs, softmax classes", Pooled, SEQUENCE, ["class"], "script opset17"),
    "pooled-dynamo": ("pooled outputs, softmax classes", Pooled, SEQUENCE, ["class"], "dynamo inline"),
    "static-torchscript": ("static input", Static, STATIC, ["p"], "script opset17"),
    "static-dynamo": ("static input", Static, STATIC, ["p"], "dynamo inline"),
    "per-step-torchscript": ("per-step outputs", PerStep, SEQUENCE, ["p"], "script opset17"),
    "per-step-dynamo": ("per-step outputs", PerStep, SEQUENCE, ["p"], "dynamo inline batch"),
    "gru-cells-torchscript": ("recurrence unrolled by hand", SelfMade, SHORT, ["p"], "script opset17"),
    "lstm-float64-torchscript": (
        "float64",
        lambda: Last(lstm()).double(),
        [{**SEQUENCE[0], "type": "float64"}],
        ["p"],
        "script opset17",
    ),
    "lstm-float16-dynamo": (
        "float16",
        lambda: Last(lstm()).half(),
        [{**SEQUENCE[0], "type": "float16"}],
        ["p"],
        "dynamo inline",
    ),
    "mingru-loop-torchscript": ("state spaces", MinGru, SEQUENCE, ["p"], "script opset17"),
    "mingru-loop-dynamo": ("state spaces", MinGru, SEQUENCE, ["p"], "dynamo inline"),
    "s4d-loop-torchscript": ("state spaces", S4D, SEQUENCE, ["p"], "script opset17"),
    "s4d-loop-dynamo": ("state spaces", S4D, SEQUENCE, ["p"], "dynamo inline"),
    "mamba-loop-torchscript": ("state spaces", Mamba, SEQUENCE, ["p"], "script opset17"),
    "mamba-loop-dynamo": ("state spaces", Mamba, SEQUENCE, ["p"], "dynamo inline"),
    "least-of-seen-torchscript": ("infinity in place of what is hidden", LeastOfSeen, SEQUENCE, ["p"], "script opset17"),
    "least-of-seen-dynamo": ("infinity in place of what is hidden", LeastOfSeen, SEQUENCE, ["p"], "dynamo inline"),
}


def export(name, module, inputs, outputs, how):
    words = how.split()
    path = str(FOLDER / f"{name}.onnx")
    n_batch = 2 if "batch" in words else 1  # torch specialises an open axis whose example has length 1
    arguments = []
    for entry in inputs:
        shape = [n_batch, *entry["shape"][1:]]
        values = torch.ones(shape) if "vocabulary" in entry else torch.rand(shape) - 0.5
        arguments.append(values.to(getattr(torch, entry["type"])))
    options = {"input_names": [entry["name"] for entry in inputs], "output_names": outputs}
    axes = {axis: word for axis, word in ((0, "batch"), (1, "time")) if word in words}
    if words[0] == "script":
        opset = int(words[1].removeprefix("opset"))
        if axes:
            options["dynamic_axes"] = {inputs[0]["name"]: axes, **{o: {0: "batch"} for o in outputs}}
        torch.onnx.export(module, tuple(arguments), path, dynamo=False, opset_version=opset, **options)
    else:
        if axes:
            options["dynamic_shapes"] = ({axis: torch.export.Dim(word) for axis, word in axes.items()},)
        external = "inline" not in words
        torch.onnx.export(module, tuple(arguments), path, dynamo=True, external_data=external, **options)
        strip_debug(path)
    exporter = f"torch {torch.__version__.split('+')[0]}, {'dynamo=False' if words[0] == 'script' else 'dynamo=True'}"
    return exporter + (", open " + " and ".join(axes.values()) if axes else "")


def cases(only):
    for name, (family, make, inputs, outputs, how) in CASES.items():
        if only and name not in only:
            continue
        torch.manual_seed(seed(name))
        exporter = export(name, wide(make()), inputs, outputs, how)
        yield Case(name, family, exporter, inputs)
