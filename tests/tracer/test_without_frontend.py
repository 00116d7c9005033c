"""The tracer, models, optimizers and the profiler work where the package has no frontend."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.house.tree import ROOT

PROGRAM = """
import numpy as np, srcgrad
from srcgrad import autograd, nn, optim

try:
    import srcgrad.frontend
    raise SystemExit("the frontend is there")
except ImportError:
    pass
srcgrad.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
x = srcgrad.randn(64, 2)
y = np.sin(x[:, :1]) - x[:, 1:]
optimizer = optim.Adam(model.parameters(), lr=0.05)
losses = []
for step in range(60):
    optimizer.zero_grad()
    loss = nn.MSELoss()(model(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
assert losses[-1] < 0.05 * losses[0], losses
with autograd.profiler.profile() as prof:
    srcgrad.checkpoint(model, x).sum().backward()
assert "Total bwd" in str(prof)
z = srcgrad.ones(3, requires_grad=True)
print(autograd.functional.hessian(lambda z: (z**3).sum(), z).tolist())
"""


def test_training_without_the_frontend(tmp_path):
    shutil.copytree(ROOT / "srcgrad", tmp_path / "srcgrad", ignore=shutil.ignore_patterns("frontend", "__pycache__"))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[[6.0, 0.0, 0.0], [0.0, 6.0, 0.0], [0.0, 0.0, 6.0]]", done.stderr
