"""CLV models beside lifetimes and PyMC-Marketing, each in a process of its own: `make bench-clv`.

The peers get a virtual environment under build/bench-peers, made here with pip; they are never among our
dependencies. Every figure is seconds from summaries in memory to the result. `first` is the first run of a
process (PyMC compiles in it), `best` the best of its repeats; ratios compare like with like, first against
first where a peer runs once. Targets are judged by processor time, which other work on the machine hardly changes;
seconds by the clock stand beside it.

    python -m benchmarks.clv_bench [--no-peers] [--sizes cdnow,100k,1M] [--limit SECONDS]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import numpy as np

from tierwise.clv.bg_nbd import BGNBD
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.summary import Summary

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
PEERS = BUILD / "bench-peers"
DATA = BUILD / "bench-clv"
WORKER = Path(__file__).with_name("clv_workers.py")
CDNOW = ROOT.parent / "shared" / "data" / "clv" / "cdnow_summary.csv"
PACKAGES = {"lifetimes": "lifetimes==0.11.3", "pymc-marketing": "pymc-marketing==0.19.2"}
SIZES = {"cdnow": 2_357, "100k": 100_000, "1M": 1_000_000}
TARGETS = {
    ("value", "cdnow", "lifetimes"): 30,
    ("value", "100k", "lifetimes"): 50,
    ("value", "1M", "lifetimes"): 20,
    ("value", "1M", "pymc-marketing"): 10,
    ("pareto", "1M", "lifetimes"): 50,
}
REPEATS = {"cdnow": 7, "100k": 3, "1M": 2}
PEAK_MB = 350
REFIT_SECONDS = 2.0


def simulated(customers: int) -> dict[str, np.ndarray]:
    """Return a shop with known parameters: first orders over 9 months, days as the resolution."""
    rng = np.random.default_rng(1)
    age = rng.integers(90, 365, customers).astype(float)
    truth = BGNBD.from_parameters({"r": 0.25, "alpha": 30.0, "a": 0.8, "b": 2.5})
    drawn = truth.simulate(Summary(np.zeros(customers), np.zeros(customers), age), 1)
    t_x = np.where(drawn.x > 0, np.clip(np.rint(drawn.t_x), 1, age), 0.0)
    x = np.minimum(drawn.x, t_x)
    spend = GammaGamma.from_parameters({"p": 6.25, "q": 3.744, "v": 15.44}).simulate(x, 1)
    return {"x": x, "t_x": t_x, "age": age, "spend": np.where(x > 0, np.maximum(np.round(spend, 2), 0.01), 0.0)}


def data_file(size: str) -> Path:
    """Return the summaries of a size, made once; CDNOW from the shared data, else simulated as many."""
    file = DATA / f"{size}.npz"
    DATA.mkdir(parents=True, exist_ok=True)
    if size == "cdnow" and CDNOW.exists():
        rows = np.genfromtxt(CDNOW, delimiter=",", names=True)
        days = {"t_x": np.rint(rows["t_x"] * 7), "age": np.rint(rows["T_cal"] * 7)}
        np.savez(file, x=rows["x"], spend=rows["m_x"], **days)
    elif not file.exists():
        np.savez(file, **simulated(SIZES[size]))
    return file


def peer_python(library: str) -> Path | None:
    """Return the Python of a peer's environment, made on first use; None where it cannot be had."""
    folder = PEERS / library
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if ready.exists():
        return python
    print(f"installing {PACKAGES[library]} into {folder.relative_to(ROOT)} …", flush=True)
    venv.create(folder, with_pip=True, clear=True)
    for requirements in ([PACKAGES[library]], [PACKAGES[library], "numpy<2", "pandas<2.2", "scipy<1.14"]):
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        module = library.replace("-", "_")
        imports = subprocess.run(
            [str(python), "-W", "ignore", "-c", f"import {module}"], capture_output=True, check=False
        )
        if done.returncode == 0 and imports.returncode == 0:
            ready.touch()
            return python
    print(f"{library} cannot be had here: {done.stderr.strip().splitlines()[-1:] or 'it does not import'}")
    return None


def children_seconds() -> float:
    """Return processor time of all processes that were started and have ended, stopped ones included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(python: Path, library: str, task: str, size: str, repeats: int, limit: float) -> dict[str, Any] | None:
    """Run one task in its own process; None with a message where it fails or takes too long."""
    command = [str(python), "-W", "ignore", str(WORKER), library, task, str(data_file(size)), str(repeats)]
    before = children_seconds()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        print(f"{task:<8}{size:<7}{library:<16}more than {limit:g} s, stopped", flush=True)
        used = children_seconds() - before
        times = {"first": limit, "best": limit, "first_cpu": used, "best_cpu": used}
        return {**times, "peak_mb": float("nan"), "found": {}, "stopped": True}
    if done.returncode:
        print(f"{task:<8}{size:<7}{library:<16}failed: {done.stderr.strip().splitlines()[-1]}", flush=True)
        return None
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    shown = ", ".join(f"{name} {value:.5g}" for name, value in result["found"].items())
    times = "  ".join(f"{name} {result[name]:.4f} s" for name in ("first", "best", "first_cpu", "best_cpu"))
    times += f"  peak {result['peak_mb']:.0f} MB"
    print(f"{task:<8}{size:<7}{library:<16}{times}  {shown}", flush=True)
    return result


def compare(task: str, size: str, libraries: list[str], limit: float) -> list[str]:
    """Measure one task with ours and the peers; return what misses its target."""
    missed: list[str] = []
    own = measure(Path(sys.executable), "tierwise", task, size, REPEATS[size], limit)
    if own is None:
        return [f"{task} {size}: ours failed"]
    if own["peak_mb"] > PEAK_MB:
        missed.append(f"{task} {size}: peak {own['peak_mb']:.0f} MB, allowed {PEAK_MB}")
    for library in libraries:
        python = peer_python(library)
        once = task == "pareto" or size == "1M" or library == "pymc-marketing"
        peer = python and measure(python, library, task, size, 1 if once else REPEATS[size], limit)
        if not peer:
            missed.append(f"{task} {size}: no figure of {library}")
            continue
        which = "first" if once else "best"
        clock, ratio = peer[which] / own[which], peer[f"{which}_cpu"] / own[f"{which}_cpu"]
        target = TARGETS.get((task, size, library))
        wanted = f", wanted {target}" if target else ""
        more = "at least " if peer.get("stopped") else ""
        print(
            f"{task:<8}{size:<7}{library:<16}{more}{ratio:.1f} times our processor time{wanted}; {clock:.1f} by the clock",
            flush=True,
        )
        if target and ratio < target:
            missed.append(f"{task} {size}: {ratio:.1f} times {library}, wanted {target}")
    return missed


def main() -> int:
    """Print all figures; the exit code is 1 where one misses its target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument("--sizes", default="cdnow,100k,1M", help="which sizes, by comma")
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds after which a measurement is stopped")
    parser.add_argument("--peers", default="lifetimes,pymc-marketing", help="which peers, by comma")
    parser.add_argument("--tasks", default="value,pareto,refits", help="which tasks, by comma")
    given = parser.parse_args()
    peers = [] if given.no_peers else given.peers.split(",")
    sizes, tasks = given.sizes.split(","), given.tasks.split(",")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    missed: list[str] = []
    if "refits" in tasks:
        refits = measure(Path(sys.executable), "tierwise", "refits", "cdnow", 1, given.limit)
        if refits is None or refits["first_cpu"] > REFIT_SECONDS:
            missed.append(f"200 refits: wanted at most {REFIT_SECONDS} s")
    if "value" in tasks:
        for size in sizes:
            chosen = [p for p in peers if p == "lifetimes" or size == "1M"]
            missed += compare("value", size, chosen, given.limit)
    if "pareto" in tasks and "1M" in sizes:
        missed += compare("pareto", "1M", [p for p in peers if p == "lifetimes"], given.limit)
    print("\n".join(missed) or "every target is met")
    return int(bool(missed))


if __name__ == "__main__":
    raise SystemExit(main())
