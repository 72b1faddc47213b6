"""The stock programs, and a server that answers as an AWS account after ``cdk bootstrap``."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError

PROGRAMS = "LAMBDA_ASSETS_STOCK"
"""The ``node_modules`` with the programs, instead of ``tests/stock/node_modules``."""

ACCOUNT, REGION, QUALIFIER = "123456789012", "us-east-1", "hnb659fds"
BUCKET = f"cdk-{QUALIFIER}-assets-{ACCOUNT}-{REGION}"
REPOSITORY = f"cdk-{QUALIFIER}-container-assets-{ACCOUNT}-{REGION}"


class Aws:
    """A server that answers as AWS.

    Attributes:
        environ: What leads programs to it.
    """

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # By this name: at others the server takes the host of a template's address for the bucket.
        self._endpoint = f"http://localhost:{port}"
        self.environ = {
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }

    def client(self, service: str) -> Any:
        """A client of a service."""
        import boto3  # noqa: PLC0415  only these tests need it

        session = boto3.Session("test", "test", region_name=REGION)
        return session.client(service, endpoint_url=self._endpoint)

    def bootstrap(self) -> None:
        """Wait for the server, and make what assets need."""
        end = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > end or self._server.poll() is not None:
                message = "the mock of AWS does not start"
                raise RuntimeError(message)
            time.sleep(0.1)
        self.client("s3").create_bucket(Bucket=BUCKET)
        self.client("ecr").create_repository(repositoryName=REPOSITORY)
        version = f"/cdk-bootstrap/{QUALIFIER}/version"
        self.client("ssm").put_parameter(Name=version, Value="30", Type="String")

    def close(self) -> None:
        """Stop the server."""
        self._server.terminate()
        self._server.wait(30)

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self._endpoint}/moto-api/", timeout=5).close()
        except (URLError, OSError):
            return False
        return True


class Programs:
    """``cdk`` and ``cdk-assets``, in a home of their own."""

    def __init__(self, home: Path, environ: dict[str, str]) -> None:
        self._home = home
        node = Path(shutil.which("node") or "").parent
        self._environ = {
            "PATH": os.pathsep.join([str(node), "/usr/bin", "/bin"]),
            "HOME": str(home),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
            **environ,
            # A program that the CLI starts must find what the tests find.
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }

    @staticmethod
    def directory() -> Path:
        """Where the programs are."""
        given = os.environ.get(PROGRAMS)
        beside = Path(__file__).parents[1] / "stock" / "node_modules"
        return (Path(given) if given else beside) / ".bin"

    def __call__(self, program: str, *arguments: str | Path, fails: bool = False) -> str:
        """Run a program; what it prints on stdout, with stderr if it must fail."""
        done = subprocess.run(
            [self.directory() / program, *arguments],
            env=self._environ,
            cwd=self._home,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr if fails else done.stdout
