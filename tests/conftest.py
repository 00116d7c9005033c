"""What all tests share: one BLAS thread, hypothesis profiles."""

import os

from hypothesis import HealthCheck, settings

# Before NumPy is imported: two workers with two BLAS threads each only wait for one another.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("SRCGRAD_CHECK", "1")  # verify the IR after every stage

settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
