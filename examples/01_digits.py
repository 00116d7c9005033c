"""Train a two-layer network, written in plain NumPy, on the 1,797 handwritten digits that come with scikit-learn."""

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.syntax import Syntax
from sklearn.datasets import load_digits

import srcgrad

HIDDEN, EPOCHS, BATCH, RATE = 64, 40, 32, 3e-3


def log_probabilities(p, x):
    hidden = np.tanh(x @ p["w1"] + p["b1"])
    scores = hidden @ p["w2"] + p["b2"]
    scores = scores - np.max(scores, axis=1, keepdims=True)
    return scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))


@srcgrad.value_and_grad
def loss(p, x, y):
    return -np.mean(np.sum(y * log_probabilities(p, x), axis=1))


def load(rng):
    """Images with pixels in [0, 1] and one-hot labels: four fifths to train on, one fifth held out."""
    digits = load_digits()
    x, y = digits.data / 16, np.eye(10)[digits.target]
    order = rng.permutation(len(x))
    held_out, rest = np.split(order, [len(x) // 5])
    return x[rest], y[rest], x[held_out], y[held_out]


def initial(rng):
    return {
        "w1": rng.normal(size=(64, HIDDEN)) / np.sqrt(64),
        "b1": np.zeros(HIDDEN),
        "w2": rng.normal(size=(HIDDEN, 10)) / np.sqrt(HIDDEN),
        "b2": np.zeros(10),
    }


def adam_step(p, gradient, state, rate, decay=(0.9, 0.999)):
    """One step of Adam, in place; `state` holds the running means of the gradient and of its square."""
    state["trips"] += 1
    for name, g in gradient.items():
        mean, square = state.setdefault(name, (np.zeros_like(g), np.zeros_like(g)))
        mean += (1 - decay[0]) * (g - mean)
        square += (1 - decay[1]) * (g * g - square)
        unbiased = mean / (1 - decay[0] ** state["trips"])
        scale = np.sqrt(square / (1 - decay[1] ** state["trips"])) + 1e-8
        p[name] -= rate * unbiased / scale


def train(p, x, y, rng):
    """Mini-batches in a new order each epoch; the rate falls along a half cosine. Gives the last epoch's mean loss."""
    state = {"trips": 0}
    mean_loss = 0.0
    for epoch in track(range(EPOCHS), description="training"):
        rate = RATE * (1 + np.cos(np.pi * epoch / EPOCHS)) / 2
        values = []
        for batch in np.array_split(rng.permutation(len(x)), len(x) // BATCH):
            value, gradient = loss(p, x[batch], y[batch])
            adam_step(p, gradient, state, rate)
            values.append(value)
        mean_loss = np.mean(values)
    return mean_loss


def show(source):
    """Print code, highlighted where there is a terminal."""
    console = Console()
    if console.is_terminal:
        console.print(Syntax(source, "python"))
    else:
        print(source)


def main():
    rng = np.random.default_rng(0)
    x, y, x_test, y_test = load(rng)
    p = initial(rng)
    mean_loss = train(p, x, y, rng)
    guesses = np.argmax(log_probabilities(p, x_test), axis=1)
    accuracy = np.mean(guesses == np.argmax(y_test, axis=1))
    print("The gradient that did the training:\n")
    show(loss.source)
    print(f"\ntraining loss: {mean_loss:.4f}")
    print(f"test accuracy: {accuracy:.4f}")


if __name__ == "__main__":
    main()
