"""A real standalone Spark cluster on the loopback: one master and workers, each a process of its own.

For tests and benchmarks of what only a cluster can show: that executors read and write the shared path, and that a
worker which dies in the middle changes nothing. It runs the pyspark distribution that is installed; nothing is
downloaded. Every process is ours by its id, and none outlives `stop`.
"""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tierwise.config.environment import java_environment

_LOOPBACK = "127.0.0.1"
_WAIT_SECONDS = 60


class SparkCluster:
    """A master and `workers` of one core each; `folder` holds their logs and working files."""

    def __init__(self, folder: Path, workers: int = 2, memory: str = "1g") -> None:
        self.folder = folder
        self.memory = memory
        self._home = _spark_home()
        port = _free_port()
        self.master = f"spark://{_LOOPBACK}:{port}"
        self._master = self._start("master", "master.Master", "--host", _LOOPBACK, "--port", str(port))
        _await_line(self.folder / "master.log", "I have been elected leader")
        self.workers = [self._add_worker(number) for number in range(workers)]
        for number in range(workers):
            _await_line(self.folder / f"worker-{number}.log", "Successfully registered with master")

    def _add_worker(self, number: int) -> subprocess.Popen[bytes]:
        work = ("--cores", "1", "--memory", self.memory, "--work-dir", str(self.folder / f"work-{number}"))
        return self._start(f"worker-{number}", "worker.Worker", "--host", _LOOPBACK, *work, self.master)

    def _start(self, name: str, role: str, *arguments: str) -> subprocess.Popen[bytes]:
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = java_environment() | {"SPARK_HOME": str(self._home), "SPARK_LOCAL_IP": _LOOPBACK}
        command = [str(self._home / "bin" / "spark-class"), f"org.apache.spark.deploy.{role}", "--webui-port", "0"]
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen([*command, *arguments], stdout=log, stderr=subprocess.STDOUT, env=environment)

    def settings(self, event_log: Path | None = None) -> dict[str, str]:
        """What a session needs to use the cluster from this machine; with `event_log`, a plain log of what ran."""
        found = {"spark.driver.host": _LOOPBACK, "spark.driver.bindAddress": _LOOPBACK}
        if event_log is not None:
            event_log.mkdir(parents=True, exist_ok=True)
            found |= {
                "spark.eventLog.enabled": "true",
                "spark.eventLog.dir": event_log.resolve().as_uri(),
                "spark.eventLog.rolling.enabled": "false",
                "spark.eventLog.compress": "false",
            }
        return found

    def kill_worker(self, number: int) -> None:
        """End a worker at once, as a power cut would; its executors end when they notice."""
        self.workers[number].kill()
        self.workers[number].wait()

    def stop(self) -> None:
        """End every process of the cluster that still runs."""
        for process in (*self.workers, self._master):
            if process.poll() is None:
                process.terminate()
        for process in (*self.workers, self._master):
            process.wait(_WAIT_SECONDS)


@contextmanager
def spark_cluster(folder: Path, workers: int = 2, memory: str = "1g") -> Iterator[SparkCluster]:
    """A cluster for the length of a block."""
    cluster = SparkCluster(folder, workers, memory)
    try:
        yield cluster
    finally:
        cluster.stop()


def _spark_home() -> Path:
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None:
        raise FileNotFoundError("pyspark is not installed: pip install 'tierwise[spark]'")
    return Path(found.origin).parent


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind((_LOOPBACK, 0))
        return int(taken.getsockname()[1])


def _await_line(log: Path, words: str) -> None:
    """Wait until a process has logged some words."""
    ends = time.monotonic() + _WAIT_SECONDS
    while words not in log.read_text(encoding="utf-8", errors="replace"):
        if time.monotonic() > ends:
            raise TimeoutError(f"{log.name} does not say {words!r}:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)
