"""Embedding, bidirectional LSTM, the last state of each direction, one sigmoid: the classifier of the paper, small."""

import torch
from torch import nn

PADDING, UNKNOWN = 0, 1
N_STEPS, N_WORDS, N_EMBEDDING, N_HIDDEN = 32, 3200, 16, 20


class Sentiment(nn.Module):
    """Tokens `[batch, N_STEPS]`, padded on the left -> the probability that the sentence is favourable `[batch, 1]`."""

    def __init__(self, n_tokens):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, N_EMBEDDING, padding_idx=PADDING)
        self.lstm = nn.LSTM(N_EMBEDDING, N_HIDDEN, bidirectional=True, batch_first=True)
        self.dense = nn.Linear(2 * N_HIDDEN, 1)
        self.drop = nn.Dropout(0.3)
        with torch.no_grad():
            self.embedding.weight.mul_(0.4)
            for name, bias in self.lstm.named_parameters():
                if "bias_ih" in name:
                    bias[N_HIDDEN : 2 * N_HIDDEN] = 1.0  # the forget gates start open

    def logits(self, tokens):
        _, (h, _) = self.lstm(self.drop(self.embedding(tokens)))
        return self.dense(self.drop(torch.cat([h[0], h[1]], dim=-1)))

    def forward(self, tokens):
        return torch.sigmoid(self.logits(tokens))


def encode(words, index):
    """The last N_STEPS words as tokens, padding in front."""
    tokens = [index.get(word, UNKNOWN) for word in words][-N_STEPS:]
    return [PADDING] * (N_STEPS - len(tokens)) + tokens
