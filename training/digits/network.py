"""Two convolutions with pooling and a dense layer over an 8 x 8 image; small enough to read."""

import torch
from torch import nn

SIZE, N_CLASSES = 8, 10


class Digits(nn.Module):
    """`image` [1, 1, 8, 8] (batch, channel, height, width), ink 0 to 1 -> ten probabilities."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(12, 24, 3, padding=1),
            nn.ReLU(),
            nn.AvgPool2d(2),
        )
        self.dense, self.drop = nn.Linear(24 * 2 * 2, N_CLASSES), nn.Dropout(0.2)

    def scores(self, image):
        z = self.features(image)
        return self.dense(self.drop(z.flatten(1)))

    def forward(self, image):
        return torch.softmax(self.scores(image), dim=-1)
