"""Schedules of learning rates, under PyTorch's names: ``scheduler.step()`` after each epoch, or after each step."""

from srcgrad.optim.lr_scheduler.base import LRScheduler
from srcgrad.optim.lr_scheduler.cycles import OneCycleLR
from srcgrad.optim.lr_scheduler.factors import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    StepLR,
)
from srcgrad.optim.lr_scheduler.plateau import ReduceLROnPlateau
from srcgrad.optim.lr_scheduler.sequence import SequentialLR

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
