"""Train a small convolutional network on scikit-learn's digits, the way it is written for PyTorch; then compiled."""

import time

import numpy as np
from rich.progress import track
from sklearn.datasets import load_digits

import srcgrad
from srcgrad import nn, optim
from srcgrad.nn.data import DataLoader, TensorDataset, random_split

EPOCHS, BATCH, RATE = 10, 32, 1e-2


class Net(nn.Module):
    """Eight kernels of 3 by 3 pixels, the largest of every 2 by 2, and a linear map to ten scores."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.out = nn.Linear(8 * 4 * 4, 10)

    def forward(self, x):
        """From images to scores."""
        x = self.pool(nn.functional.relu(self.conv(x)))
        return self.out(np.reshape(x, (x.shape[0], 8 * 4 * 4)))  # a function of NumPy is as good as a method


def load():
    """Images of shape (1, 8, 8) with pixels in [0, 1]: four fifths to train on, one fifth held out."""
    digits = load_digits()
    data = TensorDataset(digits.images[:, None].astype(np.float32) / 16, digits.target)
    return random_split(data, [0.8, 0.2], np.random.default_rng(0))


def train(model, forward, data, what):
    """Mini-batches in a new order each epoch; the rate falls along half a cosine. Gives the last epoch's mean loss."""
    loader = DataLoader(data, batch_size=BATCH, shuffle=True, seed=1)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=RATE)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    losses = []
    for _ in track(range(EPOCHS), description=what):
        losses = []
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(forward(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        scheduler.step()
    return np.mean(losses)


def accuracy(model, data):
    x, y = next(iter(DataLoader(data, batch_size=len(data))))
    with srcgrad.no_grad():
        return np.mean(np.argmax(model(x).numpy(), axis=1) == y.numpy())


def run(how, training, held_out):
    """Train a new model, called as it is or compiled, and say how that went."""
    nn.manual_seed(0)
    model = Net().float()
    start = time.perf_counter()
    loss = train(model, srcgrad.compile(model) if how == "compiled" else model, training, how.ljust(8))
    took = time.perf_counter() - start
    print(f"{how}: training loss {loss:.4f}, test accuracy {accuracy(model, held_out):.4f}, {took:.1f} s")
    return model


def main():
    training, held_out = load()
    print(Net())
    model = run("recorded", training, held_out)
    same = run("compiled", training, held_out)
    pairs = zip(model.parameters(), same.parameters(), strict=True)
    difference = max(np.max(np.abs(a.detach().numpy() - b.detach().numpy())) for a, b in pairs)
    print(f"largest difference of the parameters: {difference:.1e}")
    nn.save(model.state_dict(), "digits.safetensors")


if __name__ == "__main__":
    main()
