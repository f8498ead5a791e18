"""The families of models of PyHealth, YAIB and the benchmark, written plainly from what is published of them.

Each is a function that returns a torch module with random weights of a fixed seed, and draws an input for it. They stand
for the toolkits' own models, which take and return the same: nothing of the toolkits is needed, or copied.

- PyHealth (Yang et al. 2023): `model(conditions=codes)["y_prob"]`, codes `[batch, visits, codes]`, 0 is padding.
- YAIB (van de Water et al. 2024): `model(x)`, values `[batch, steps, columns]`, logits of two classes at every step.
- The benchmark (Harutyunyan et al. 2019): `model(x)`, `[batch, 48, 76]`, probabilities.
"""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import relu

WORDS, WIDTH, HIDDEN = 30, 8, 8
VISITS, CODES = 6, 4
STEPS, COLUMNS = 24, 10


class OfCodes(nn.Module):
    """Codes are embedded and summed over a visit; what follows gives a vector for the patient."""

    def __init__(self, body, n_hidden=HIDDEN):
        super().__init__()
        self.embedding, self.body = nn.Embedding(WORDS, WIDTH, padding_idx=0), body
        self.dense = nn.Linear(n_hidden, 1)

    def forward(self, conditions):
        is_visit = (conditions.sum(dim=2) != 0).float()
        z = self.body(self.embedding(conditions).sum(dim=2), is_visit)
        return {"y_prob": torch.sigmoid(self.dense(z))}


def last_visit(h, is_visit):
    place = (is_visit.sum(dim=1).long() - 1).clamp(min=0)
    return h.gather(1, place.view(-1, 1, 1).expand(-1, 1, h.shape[2])).squeeze(1)


class Recurrent(nn.Module):
    """RNN, GRU or LSTM (Cho 2014, Hochreiter 1997): the state at the last visit."""

    def __init__(self, kind):
        super().__init__()
        self.layer = kind(WIDTH, HIDDEN, batch_first=True)

    def forward(self, x, is_visit):
        return last_visit(self.layer(x)[0], is_visit)


class Transformer(nn.Module):
    """Vaswani 2017: attention among visits, padding masked; the first visit's vector is the patient's."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(WIDTH, 2, batch_first=True)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(2))
        self.feed = nn.Sequential(nn.Linear(WIDTH, 16), nn.GELU(), nn.Linear(16, WIDTH))

    def forward(self, x, is_visit):
        y = self.norms[0](x)
        x = x + self.attention(y, y, y, key_padding_mask=is_visit == 0, need_weights=False)[0]
        return (x + self.feed(self.norms[1](x)))[:, 0]


class Retain(nn.Module):
    """Choi 2016: two recurrences that read the visits backwards weigh visits and the columns of each."""

    def __init__(self):
        super().__init__()
        self.of_visits, self.of_columns = nn.GRU(WIDTH, WIDTH, batch_first=True), nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.alpha, self.beta = nn.Linear(WIDTH, 1), nn.Linear(WIDTH, WIDTH)

    def forward(self, x, is_visit):
        backwards = torch.flip(x, [1])
        scores = self.alpha(torch.flip(self.of_visits(backwards)[0], [1]))
        weights = torch.softmax(scores.masked_fill(is_visit.unsqueeze(2) == 0, -1e9), dim=1)
        columns = torch.tanh(self.beta(torch.flip(self.of_columns(backwards)[0], [1])))
        return (weights * columns * x).sum(dim=1)


class Deepr(nn.Module):
    """Nguyen 2017: a convolution over visits, and the greatest of each channel."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv1d(WIDTH, HIDDEN, 3, padding=1)

    def forward(self, x, is_visit):
        return relu(self.layer((x * is_visit.unsqueeze(2)).transpose(1, 2))).amax(dim=2)


class Block(nn.Module):
    """Bai 2018: two dilated convolutions that see no later step, and what they read beside."""

    def __init__(self, n_in, n_out, dilation):
        super().__init__()
        norm = torch.nn.utils.parametrizations.weight_norm
        self.pad = dilation
        self.first = norm(nn.Conv1d(n_in, n_out, 2, dilation=dilation))
        self.second = norm(nn.Conv1d(n_out, n_out, 2, dilation=dilation))
        self.beside = nn.Conv1d(n_in, n_out, 1)

    def forward(self, x):
        y = relu(self.first(nn.functional.pad(x, (self.pad, 0))))
        y = relu(self.second(nn.functional.pad(y, (self.pad, 0))))
        return relu(y + self.beside(x))


class Tcn(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.blocks = nn.Sequential(Block(n_in, HIDDEN, 1), Block(HIDDEN, HIDDEN, 2))

    def forward(self, x, is_visit=None):
        y = self.blocks(x.transpose(1, 2)).transpose(1, 2)
        return y if is_visit is None else last_visit(y, is_visit)


class AdaCare(nn.Module):
    """Ma 2020: dilated convolutions, each channel weighed by what it was on average so far, before a GRU."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv1d(WIDTH, 3, 2, dilation=d, padding=d) for d in (1, 3))
        self.squeeze, self.excite = nn.Linear(6, 3), nn.Linear(3, 6)
        self.gru = nn.GRU(WIDTH + 6, HIDDEN, batch_first=True)

    def forward(self, x, is_visit):
        n = x.shape[1]
        y = torch.cat([layer(x.transpose(1, 2))[:, :, :n] for layer in self.layers], dim=1).transpose(1, 2)
        mean = y.cumsum(dim=1) / torch.arange(1, n + 1).view(1, -1, 1)
        y = relu(y) * torch.sigmoid(self.excite(relu(self.squeeze(mean))))
        return last_visit(self.gru(torch.cat([x, y], dim=2))[0], is_visit)


class ConCare(nn.Module):
    """Ma 2020: a GRU for each column, attention over its visits that fades with time, and the columns among each other."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.GRU(1, HIDDEN, batch_first=True) for _ in range(WIDTH))
        self.score, self.fade = nn.Linear(HIDDEN, 1), nn.Parameter(torch.tensor(0.8))
        self.attention, self.norm = nn.MultiheadAttention(HIDDEN, 2, batch_first=True), nn.LayerNorm(HIDDEN)

    def forward(self, x, is_visit):
        ago = torch.log(np.e + torch.arange(x.shape[1] - 1, -1, -1).float())
        rows = []
        for column, layer in enumerate(self.layers):
            h = layer(x[:, :, column : column + 1])[0]
            score = torch.tanh(self.score(h)).squeeze(2) / (torch.sigmoid(self.fade) * ago)
            weights = torch.softmax(score.masked_fill(is_visit == 0, -1e9), dim=1)
            rows.append((weights.unsqueeze(2) * h).sum(dim=1))
        rows = torch.stack(rows, dim=1)
        return self.norm(rows + self.attention(rows, rows, rows, need_weights=False)[0]).mean(dim=1)


class StageNet(nn.Module):
    """Gao 2020: an LSTM with master gates by running sums, whose stage weighs a convolution over the last steps."""

    def __init__(self, n_levels=2, n_kept=3):
        super().__init__()
        self.n_levels, self.n_kept = n_levels, n_kept
        self.x, self.h = nn.Linear(WIDTH + 1, 4 * HIDDEN + 2 * n_levels), nn.Linear(HIDDEN, 4 * HIDDEN + 2 * n_levels)
        self.conv = nn.Conv1d(HIDDEN, HIDDEN, n_kept)
        self.squeeze, self.excite = nn.Linear(HIDDEN, HIDDEN // 2), nn.Linear(HIDDEN // 2, HIDDEN)

    def step(self, x, h, c):
        n, width = self.n_levels, HIDDEN // self.n_levels
        sums = self.x(x) + self.h(h)
        forget = torch.softmax(sums[:, :n], dim=1).cumsum(dim=1)
        enter = torch.flip(torch.flip(torch.softmax(sums[:, n : 2 * n], dim=1), [1]).cumsum(dim=1), [1])
        f, i, o, g = sums[:, 2 * n :].view(-1, 4, n, width).unbind(dim=1)
        both = (forget * enter).unsqueeze(2)
        wide = forget.unsqueeze(2), enter.unsqueeze(2)
        c = c.view(-1, n, width)
        c = both * (torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)) + (wide[0] - both) * c
        c = c + (wide[1] - both) * torch.tanh(g)
        h = (torch.sigmoid(o) * torch.tanh(c)).flatten(1)
        return h, c.flatten(1), 1 - forget.mean(dim=1)

    def forward(self, x, is_visit):
        h = c = x.new_zeros(x.shape[0], HIDDEN)
        kept = [h] * self.n_kept
        far = [x.new_zeros(x.shape[0])] * self.n_kept
        for t in range(x.shape[1]):
            gap = x.new_ones(x.shape[0], 1)
            h, c, distance = self.step(torch.cat([x[:, t], gap], dim=1), h, c)
            kept, far = [*kept[1:], h], [*far[1:], distance]
        weights = torch.softmax(torch.stack(far, dim=1).cumsum(dim=1), dim=1)
        local = torch.stack(kept, dim=2) * weights.unsqueeze(1)
        theme = torch.sigmoid(self.excite(relu(self.squeeze(local.mean(dim=2)))))
        return h + theme * self.conv(local).squeeze(2)


class PerStep(nn.Module):
    """What YAIB's networks share: logits of two classes at every step."""

    def __init__(self, body, n_hidden=HIDDEN):
        super().__init__()
        self.body, self.logits = body, nn.Linear(n_hidden, 2)

    def forward(self, x):
        y = self.body(x)
        return self.logits(y[0] if isinstance(y, tuple) else y)


class Causal(nn.Module):
    """A transformer whose steps see those before them, the last `window` of them where it is local."""

    def __init__(self, window=None):
        super().__init__()
        layer = nn.TransformerEncoderLayer(HIDDEN, 2, 16, 0.1, batch_first=True, norm_first=True)
        self.project, self.layers = nn.Linear(COLUMNS, HIDDEN), nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        at = torch.arange(STEPS)
        ago = at.view(-1, 1) - at.view(1, -1)
        unseen = (ago < 0) | (ago >= (window or STEPS))
        self.register_buffer("mask", torch.zeros(STEPS, STEPS).masked_fill(unseen, -torch.inf))
        angle = at.view(-1, 1) * torch.tensor([1.0, 0.3, 0.1, 0.03])
        self.register_buffer("places", torch.cat([angle.sin(), angle.cos()], dim=1))

    def forward(self, x):
        return self.layers(self.project(x) + self.places, mask=self.mask)


class Benchmark(nn.Module):
    """The benchmark's LSTM of depth 2, whose first layer reads both ways; with all its steps where it is supervised deeply."""

    def __init__(self, is_deep=False):
        super().__init__()
        self.is_deep = is_deep
        self.first = nn.LSTM(76, HIDDEN // 2, batch_first=True, bidirectional=True)
        self.second, self.dense = nn.LSTM(HIDDEN, HIDDEN, batch_first=True), nn.Linear(HIDDEN, 1)

    def forward(self, x):
        y = self.second(self.first(x)[0])[0]
        return torch.sigmoid(self.dense(y if self.is_deep else y[:, -1]))


class ChannelWise(nn.Module):
    """A small LSTM of both directions for each of 17 channels and its mask, and one above; or with the heads of four tasks."""

    def __init__(self, is_multitask=False):
        super().__init__()
        self.places = [[*range(4 * k, min(4 * k + 4, 59)), 59 + k] for k in range(15)] + [[74], [75]]
        self.layers = nn.ModuleList(nn.LSTM(len(p), 2, batch_first=True, bidirectional=True) for p in self.places)
        self.above = nn.LSTM(4 * len(self.places), HIDDEN, batch_first=True)
        self.heads = nn.ModuleList(nn.Linear(HIDDEN, n) for n in ((1, 1, 25, 10) if is_multitask else (1,)))

    def forward(self, x):
        parts = [layer(x[:, :, places])[0] for layer, places in zip(self.layers, self.places)]
        y = self.above(torch.cat(parts, dim=2))[0]
        last = torch.sigmoid(self.heads[0](y[:, -1]))
        if len(self.heads) == 1:
            return last
        others = [torch.sigmoid(self.heads[1](y)), torch.sigmoid(self.heads[2](y[:, -1]))]
        return last, *others, torch.softmax(self.heads[3](y), dim=2)


FAMILIES = {
    "torch-pyhealth": {
        "rnn": lambda: OfCodes(Recurrent(nn.RNN)),
        "gru": lambda: OfCodes(Recurrent(nn.GRU)),
        "lstm": lambda: OfCodes(Recurrent(nn.LSTM)),
        "transformer": lambda: OfCodes(Transformer()),
        "retain": lambda: OfCodes(Retain()),
        "deepr": lambda: OfCodes(Deepr()),
        "tcn": lambda: OfCodes(Tcn(WIDTH)),
        "adacare": lambda: OfCodes(AdaCare()),
        "concare": lambda: OfCodes(ConCare()),
        "stagenet": lambda: OfCodes(StageNet()),
    },
    "torch-yaib": {
        "logistic-regression": lambda: PerStep(nn.Identity(), COLUMNS),
        "rnn": lambda: PerStep(nn.RNN(COLUMNS, HIDDEN, batch_first=True)),
        "gru": lambda: PerStep(nn.GRU(COLUMNS, HIDDEN, num_layers=2, batch_first=True)),
        "lstm": lambda: PerStep(nn.LSTM(COLUMNS, HIDDEN, batch_first=True)),
        "tcn": lambda: PerStep(Tcn(COLUMNS)),
        "transformer": lambda: PerStep(Causal()),
        "local-transformer": lambda: PerStep(Causal(window=4)),
    },
    "torch-benchmark": {
        "logistic-regression": lambda: nn.Sequential(nn.Flatten(), nn.Linear(48 * 76, 1), nn.Sigmoid()),
        "lstm": Benchmark,
        "lstm-deep-supervision": lambda: Benchmark(is_deep=True),
        "channel-wise": ChannelWise,
        "multitask": lambda: ChannelWise(is_multitask=True),
    },
}


def model(recipe, family):
    torch.manual_seed(0)
    return FAMILIES[recipe][family]().eval()


def drawn(recipe):
    """An input for a recipe's file."""
    rng = np.random.default_rng(2)
    if recipe == "torch-pyhealth":
        codes = rng.integers(1, WORDS, (1, VISITS, CODES))
        codes[:, 1::2, 2:] = codes[:, 4:] = 0
        return codes
    shape = (1, 48, 76) if recipe == "torch-benchmark" else (1, STEPS, COLUMNS)
    return rng.normal(size=shape).astype(np.float32)
