"""Every example does what its page says; what stands for AWS is a server that speaks its protocol."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import FileSystem

if TYPE_CHECKING:
    from collections.abc import Iterator


# All of the group ``examples``.
boto3, moto_server, hcl2 = map(pytest.importorskip, ("boto3", "moto.server", "hcl2"))
for one in ("pulumi_aws", "cfnlint"):
    pytest.importorskip(one)

EXAMPLES = Path(__file__).parents[2] / "examples"
# boto3 and moto say what will change in them some day.
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture
def example(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy of the example that the test's name ends with."""
    name = request.node.name.rsplit("_", 1)[1]
    return Path(shutil.copytree(EXAMPLES / name, tmp_path / name))


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server for S3, IAM and Lambda; the address is in the environment, where SDKs look for it."""
    server = moto_server.ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    yield f"http://{host}:{port}"
    server.stop()


def run(directory: Path, *command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=directory, input=text, capture_output=True, text=True, check=False
    )


def commands(example: Path) -> list[str]:
    """The commands of the page."""
    block = re.findall(r"```console\n(.*?)```", (example / "README.md").read_text(), re.DOTALL)
    return re.findall(r"^\$ (.+)$", "\n".join(block), re.MULTILINE)


def code_hash(example: Path) -> str:
    """The hash of the code; the rules are those of every asset."""
    exclude = [".is_custom_resource", "*.pyc", "__pycache__"]
    return FileSystem.fingerprint(example / "functions" / "hello", exclude=exclude)


def sha256(path: str | Path) -> str:
    return base64.b64encode(hashlib.sha256(Path(path).read_bytes()).digest()).decode()


@pytest.mark.parametrize("name", ["boto3", "terraform", "pulumi", "sam"])
def test_a_page_has_two_commands_and_names_what_is_there(name: str) -> None:
    assert len(commands(EXAMPLES / name)) == 2
    page = (EXAMPLES / name / "README.md").read_text()
    for target in re.findall(r"\]\(([^)]+)\)", page):
        assert (EXAMPLES / name / target).exists(), target


def test_a_script_uploads_once_and_updates_the_function_boto3(example: Path, aws: str) -> None:  # noqa: ARG001
    s3, functions, iam = (boto3.client(name) for name in ("s3", "lambda", "iam"))
    s3.create_bucket(Bucket="my-bucket")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    empty = b"PK\x05\x06" + bytes(18)
    functions.create_function(
        FunctionName="hello",
        Runtime="python3.13",
        Role=role,
        Handler="handler.handler",
        Code={"ZipFile": empty},
    )
    deploy = commands(example)[1].split()
    assert deploy == ["python", "deploy.py", "my-bucket"]

    first = run(example, sys.executable, *deploy[1:])
    assert first.returncode == 0, first.stderr
    assert re.fullmatch(r"hello: uploaded \d+ bytes\n", first.stdout)
    assert run(example, sys.executable, *deploy[1:]).stdout == "hello: unchanged\n"
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="my-bucket")["Contents"]]
    assert keys == [f"{code_hash(example)}.zip"]
    body = s3.get_object(Bucket="my-bucket", Key=keys[0])["Body"].read()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert functions.get_function(FunctionName="hello")["Configuration"]["CodeSha256"] == digest

    (example / "functions" / "hello" / "handler.py").write_text("changed = True\n")
    assert "uploaded" in run(example, sys.executable, *deploy[1:]).stdout
    assert len(s3.list_objects_v2(Bucket="my-bucket")["Contents"]) == 2


def plan(example: Path) -> dict[str, Any]:
    with (example / "main.tf").open() as file:
        return hcl2.load(file)


def bare(value: Any) -> Any:
    """A value of HCL without its quotes, whichever way the reader shows them."""
    if isinstance(value, dict):
        return {bare(key): bare(one) for key, one in value.items()}
    if isinstance(value, list):
        return [bare(one) for one in value]
    return value.strip('"') if isinstance(value, str) else value


def test_a_program_speaks_the_protocol_of_external_terraform(example: Path) -> None:
    (external,) = (one["external"] for one in bare(plan(example)["data"]))
    program, query = external["hello"]["program"], external["hello"]["query"]
    query = {
        key.strip(): value.replace("${path.module}", str(example))
        for key, value in query.items()
        if not key.startswith("__")
    }
    argv = [word.replace("${path.module}", str(example)) for word in program]
    assert argv[0] == "python3"
    done = run(example, sys.executable, *argv[1:], text=json.dumps(query))
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert all(isinstance(one, str) for pair in result.items() for one in pair)
    assert result["key"] == f"{code_hash(example)}.zip"
    assert result["source_code_hash"] == sha256(result["path"])
    with zipfile.ZipFile(result["path"]) as archive:
        assert archive.namelist() == ["handler.py"]
    used = re.findall(r"data\.external\.hello\.result\.(\w+)", (example / "main.tf").read_text())
    assert set(used) == {"key", "path", "source_code_hash"}
    assert set(used) <= set(result)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{}", "the query has no 'path'"),
        ('{"path": "no", "outdir": "out"}', "Cannot find asset at"),
        ("no json", "JSONDecodeError"),
    ],
)
def test_a_failure_is_told_to_terraform(tmp_path: Path, query: str, message: str) -> None:
    program = str(EXAMPLES / "terraform" / "lambda_assets_external.py")
    done = run(tmp_path, sys.executable, program, text=query)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr


_PULUMI = """
import json, runpy, sys
import pulumi

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        seen.append((args.typ, args.inputs))
        return f"{args.name}-id", {**args.inputs, "arn": "arn:aws:iam::1:role/r", "name": args.name}

    def call(self, args):
        return {}

seen = []
pulumi.runtime.set_mocks(Mocks())

@pulumi.runtime.test
def program():
    runpy.run_path("__main__.py")

program()
(inputs,) = (inputs for kind, inputs in seen if kind == "aws:lambda/function:Function")
print(json.dumps({"code": inputs["code"].path, "hash": inputs["sourceCodeHash"]}))
"""


def test_the_function_gets_the_staged_archive_pulumi(example: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PULUMI],
        cwd=example,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(example), *sys.path])},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["code"] == str(example / "cdk.out" / f"asset.{code_hash(example)}.zip")
    assert found["hash"] == sha256(found["code"])


def test_the_template_is_valid_and_its_code_is_there_sam(example: Path) -> None:
    stage = commands(example)[0].split(" && ")[1].split()
    done = run(example, sys.executable, *stage[1:])
    assert (done.returncode, done.stderr) == (0, "")
    template = (example / "staged.yaml").read_text()
    (code,) = re.findall(r"CodeUri: (\S+)", template)
    assert code == f"cdk.out/asset.{code_hash(example)}.zip"
    assert zipfile.ZipFile(example / code).namelist() == ["handler.py"]
    lint = str(Path(sys.executable).with_name("cfn-lint"))
    done = run(example, lint, "staged.yaml", "--regions", "us-east-1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "!GetAtt Hello.Arn" in template
    (example / "broken.yaml").write_text(template.replace("Runtime:", "Runtiem:"))
    assert "Runtiem" in run(example, lint, "broken.yaml", "--regions", "us-east-1").stdout
