"""Models: modules with parameters, layers, losses, initialisation, data, under PyTorch's names."""

from srcgrad.nn import clipping as utils
from srcgrad.nn import data, functional, init
from srcgrad.nn.activations import (
    CELU,
    ELU,
    GELU,
    SELU,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)
from srcgrad.nn.attention import MultiheadAttention
from srcgrad.nn.checkpoint import load, save
from srcgrad.nn.containers import ModuleDict, ModuleList, ParameterList, Sequential
from srcgrad.nn.convolution import AdaptiveAvgPool2d, AvgPool2d, Conv1d, Conv2d, MaxPool2d
from srcgrad.nn.linear import Dropout, Embedding, Flatten, Identity, Linear, Unflatten
from srcgrad.nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
)
from srcgrad.nn.module import Module
from srcgrad.nn.normalization import BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm
from srcgrad.nn.parameter import Parameter
from srcgrad.nn.recurrent import GRU, LSTM, RNN
from srcgrad.tracer.generator import manual_seed

__all__ = [
    "AdaptiveAvgPool2d",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "CELU",
    "Conv1d",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "ELU",
    "Embedding",
    "Flatten",
    "GELU",
    "GRU",
    "GroupNorm",
    "Hardtanh",
    "HuberLoss",
    "Identity",
    "KLDivLoss",
    "L1Loss",
    "LSTM",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiheadAttention",
    "NLLLoss",
    "Parameter",
    "ParameterList",
    "RNN",
    "ReLU",
    "ReLU6",
    "SELU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "Softmax",
    "Softplus",
    "Softsign",
    "Tanh",
    "Unflatten",
    "data",
    "functional",
    "init",
    "load",
    "manual_seed",
    "save",
    "utils",
]
