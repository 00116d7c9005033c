"""Optimizers and schedules of learning rates, under PyTorch's names."""

from srcgrad.optim import lr_scheduler
from srcgrad.optim.adam import Adam, AdamW
from srcgrad.optim.optimizer import Optimizer
from srcgrad.optim.rmsprop import RMSprop
from srcgrad.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler"]
