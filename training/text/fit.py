"""One training run: Adam on binary cross-entropy, the epoch that is best on the validation part kept."""

import copy

import torch
from torch.nn import functional as F

from network import N_WORDS, UNKNOWN, Sentiment, encode

EPOCHS, BATCH, RATE = 10, 64, 3e-3
UNKNOWN_SHARE = 0.04  # so many words of a training sentence are hidden, so that unknown words mean little


def vocabulary(rows):
    """The N_WORDS most frequent words of the training part, ties in the order of the alphabet; 0 and 1 are kept."""
    counts = {}
    for _, _, words in rows:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    return ["<pad>", "<unk>", *sorted(counts, key=lambda word: (-counts[word], word))[:N_WORDS]]


def tensors(rows, index):
    x = torch.tensor([encode(words, index) for _, _, words in rows])
    return x, torch.tensor([[float(rating > 0)] for _, rating, _ in rows]), torch.tensor([[r] for _, r, _ in rows])


def evaluate(model, x, y):
    """(cross-entropy, accuracy)."""
    model.eval()
    with torch.no_grad():
        z = model.logits(x)
    return F.binary_cross_entropy_with_logits(z, y).item(), ((z > 0) == (y > 0.5)).float().mean().item()


def fit(train, valid, words, seed=7, report=print):
    torch.manual_seed(seed)
    index = {word: n for n, word in enumerate(words)}
    x, y, _ = tensors(train, index)
    x_valid, y_valid, _ = tensors(valid, index)
    model, best = Sentiment(len(words)), (9.0, None)
    optimiser = torch.optim.Adam(model.parameters(), RATE, weight_decay=1e-5)
    for epoch in range(EPOCHS):
        model.train()
        order = torch.randperm(len(x))
        for start in range(0, len(x), BATCH):
            batch = order[start : start + BATCH]
            tokens = x[batch].clone()
            tokens[(torch.rand(tokens.shape) < UNKNOWN_SHARE) & (tokens > UNKNOWN)] = UNKNOWN
            loss = F.binary_cross_entropy_with_logits(model.logits(tokens), y[batch])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        loss, accuracy = evaluate(model, x_valid, y_valid)
        report(f"epoch {epoch}: validation cross-entropy {loss:.4f}, accuracy {accuracy:.4f}")
        if loss < best[0]:
            best = (loss, copy.deepcopy(model.state_dict()))
    model.load_state_dict(best[1])
    return model.eval()
