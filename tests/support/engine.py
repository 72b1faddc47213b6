"""A Docker engine of our own for one test run: own sockets, own bridge, own data, stopped by its own process id.

    python tests/support/engine.py install
    python tests/support/engine.py start DIRECTORY      # prints what to put into DOCKER_HOST
    python tests/support/engine.py stop DIRECTORY

Needs root on a Debian-like Linux. Nothing is downloaded but packages: the images of the tests are built from busybox.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: Program and the Debian package that brings it.
PROGRAMS = {
    "dockerd": "docker.io",
    "busybox": "busybox-static",
    "docker-registry": "docker-registry",
    "ip": "iproute2",
}
#: Where Debian puts them; a login shell of root may lack sbin.
PATH = "/usr/bin:/usr/sbin:/bin:/sbin"
START_TIMEOUT = 30
STOP_TIMEOUT = 20
#: `docker` appends exec/containerd/containerd.sock, and a socket's path may have 107 bytes.
LONGEST_DIRECTORY = 70
#: The engines that this process started, by directory.
_children: dict[Path, subprocess.Popen[bytes]] = {}


class EngineUnavailableError(Exception):
    """This machine cannot run an engine."""


def install() -> None:
    """Install what is missing, and only that.

    Raises:
        EngineUnavailableError: This is no machine for it, or the packages can't be had.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        raise EngineUnavailableError("an engine needs Linux and root")
    missing = [name for program, name in PROGRAMS.items() if not shutil.which(program, path=PATH)]
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise EngineUnavailableError(f"there is no {', '.join(missing)}, and no apt-get to get it")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
        done = subprocess.run(
            ["apt-get", "-qq", *arguments], env=environment, capture_output=True, check=False
        )
        if done.returncode:
            raise EngineUnavailableError(done.stderr.decode(errors="replace"))


def start(directory: Path) -> str:
    """Start an engine.

    Args:
        directory: For its files; absent or empty.

    Returns:
        The address, for ``DOCKER_HOST``.

    Raises:
        EngineUnavailableError: It does not come up; its log says why.
    """
    if len(str(directory)) > LONGEST_DIRECTORY:
        raise EngineUnavailableError(f"{directory} is too long for the path of a socket")
    directory.mkdir(parents=True, exist_ok=True)
    bridge = _make_bridge()
    (directory / "bridge").write_text(bridge)
    host = f"unix://{directory}/docker.sock"
    # No rule of a firewall is needed: the tests' containers talk to nobody, and nothing of it would be removed.
    command = [
        "dockerd",
        *("--data-root", f"{directory}/data", "--exec-root", f"{directory}/exec"),
        *("--pidfile", f"{directory}/pid", "--host", host, "--bridge", bridge),
        *("--iptables=false", "--ip-masq=false", "--ip-forward=false"),
    ]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | {"PATH": PATH},
            start_new_session=True,
        )
    _children[directory] = process
    if not _wait(START_TIMEOUT, lambda: _answers(host) or process.poll() is not None) or (
        process.poll() is not None
    ):
        text = (directory / "log").read_text(errors="replace")
        stop(directory)
        raise EngineUnavailableError(f"dockerd did not come up: {text[-2000:]}")
    return host


def stop(directory: Path) -> None:
    """Stop the engine of a directory and remove everything of it.

    Args:
        directory: As it was started.
    """
    child = _children.pop(directory, None)
    if child is not None:
        _end(child.pid, lambda: child.poll() is not None)
        child.wait()
    else:
        with contextlib.suppress(OSError, ValueError):
            process = int((directory / "pid").read_text())
            _end(process, lambda: not Path(f"/proc/{process}").exists())
    with contextlib.suppress(OSError):
        _quietly("ip", "link", "del", (directory / "bridge").read_text())
    # A build with the network of the host, or an engine that was killed, leaves mounts.
    with open("/proc/mounts", encoding="utf-8") as file:
        places = [line.split()[1] for line in file]
    for place in reversed(places):
        if place.startswith(f"{directory}/"):
            _quietly("umount", "--lazy", place)
    shutil.rmtree(directory, ignore_errors=True)


def _make_bridge() -> str:
    dice = random.SystemRandom()
    name = f"la{dice.randrange(1 << 32):08x}"
    for _ in range(20):
        network = f"10.{dice.randrange(200, 240)}.{dice.randrange(256)}"
        routes = subprocess.run(
            ["ip", "-o", "route", "get", f"{network}.2"],
            env=os.environ | {"PATH": PATH},
            capture_output=True,
            text=True,
            check=False,
        )
        if " via " not in routes.stdout and routes.returncode == 0:
            continue  # somebody is connected to it
        steps = (
            ("ip", "link", "add", name, "type", "bridge"),
            ("ip", "addr", "add", f"{network}.1/24", "dev", name),
            ("ip", "link", "set", name, "up"),
        )
        if all(_quietly(*step) for step in steps):
            return name
        _quietly("ip", "link", "del", name)
    raise EngineUnavailableError("no bridge can be made: the rights of the network are missing")


def _answers(host: str) -> bool:
    return _quietly("docker", "--host", host, "version")


def _quietly(*command: str) -> bool:
    environment = os.environ | {"PATH": PATH}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    return done.returncode == 0


def _end(process: int, has_ended: Callable[[], bool]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)
        if not _wait(STOP_TIMEOUT, has_ended):
            os.kill(process, signal.SIGKILL)


def _wait(seconds: float, condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["install"]:
            install()
        case ["start", place]:
            install()
            print(start(Path(place).resolve()))
        case ["stop", place]:
            stop(Path(place).resolve())
        case _:
            sys.exit(__doc__)
