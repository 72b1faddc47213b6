"""Every developer command: ``nox -l`` lists them, ``nox -s test`` runs one."""

from __future__ import annotations

import nox

nox.options.sessions = ["lint", "rust", "test"]
nox.options.default_venv_backend = "venv"

#: Of what a session installs nothing may be missing.
COMPLETE = {"LAMBDA_ASSETS_TEST_COMPLETE": "1"}
PYPROJECT = nox.project.load_toml("pyproject.toml")


def group(name: str) -> list[str]:
    """The requirements of one dependency group of ``pyproject.toml``."""
    return nox.project.dependency_groups(PYPROJECT, name)


@nox.session
def lint(session: nox.Session) -> None:
    """Format, style, types, layering, and the stub against the built module."""
    session.install(".", *group("lint"))
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run("lint-imports", env={"PYTHONPATH": "python"})
    # Away from the source tree, where the stub has no module beside it.
    session.run("python", "-I", "-m", "mypy.stubtest", "lambda_assets._core")
    session.run("cargo", "fmt", "--all", "--check", external=True)
    clippy = ("cargo", "clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings")
    session.run(*clippy, external=True)


@nox.session
def rust(session: nox.Session) -> None:
    """Unit and property tests of the crates, on both file-system back ends."""
    session.run("cargo", "test", "--workspace", "--locked", *session.posargs, external=True)
    portable = ("cargo", "test", "-p", "lambda-assets-core", "--features", "portable", "--locked")
    session.run(*portable, external=True)


@nox.session
def test(session: nox.Session) -> None:
    """Python tests against an installed build; ``nox -s test -- tests/cli`` narrows."""
    session.install(".", *group("test"))
    apart = [f"--ignore=tests/{name}" for name in ("oracle", "stock", "e2e", "examples")]
    session.run("pytest", *(session.posargs or apart))


@nox.session
def portable(session: nox.Session) -> None:
    """All tests again on the std-only file-system back end, the one of macOS and Windows."""
    session.install(".", "--config-settings=build-args=--features portable", *group("test"))
    session.run(
        "python", "-c", "from lambda_assets import _core; assert _core.BACKEND == 'portable'"
    )
    session.run(
        "pytest",
        *(
            session.posargs
            or ["tests", "--ignore=tests/e2e", "--ignore=tests/stock", "--ignore=tests/examples"]
        ),
    )


@nox.session
def oracle(session: nox.Session) -> None:
    """Everything against the real aws-cdk-lib; ``LAMBDA_ASSETS_TEST_SCALE`` widens it."""
    session.install(".", *group("oracle"))
    npm = ("npm", "ci", "--prefix", "tests/oracle", "--no-audit", "--no-fund", "--ignore-scripts")
    session.run(*npm, external=True)
    session.run("pytest", *(session.posargs or ["tests/oracle"]), env=COMPLETE)
    if not session.posargs:
        others = ("code", "package", "bundling")
        places = [f"tests/{name}" for name in others]
        session.run("pytest", "-m", "aws_cdk", *places, env=COMPLETE)


@nox.session
def stock(session: nox.Session) -> None:
    """The stock cdk-assets and cdk against a mock of AWS, with assemblies that this package wrote."""
    session.install(".", *group("stock"))
    npm = ("npm", "ci", "--prefix", "tests/stock", "--no-audit", "--no-fund", "--ignore-scripts")
    session.run(*npm, external=True)
    session.run("pytest", *(session.posargs or ["tests/stock"]), env=COMPLETE)


@nox.session
def examples(session: nox.Session) -> None:
    """Every example against what stands for AWS: a server that speaks its protocol, a linter, Pulumi's own mocks."""
    session.install(".", *group("examples"))
    session.run("pytest", *(session.posargs or ["tests/examples"]), env=COMPLETE)


@nox.session
def e2e(session: nox.Session) -> None:
    """Containers and images on a real Docker engine of its own, beside aws_cdk on the same engine; needs root on Linux."""
    session.install(".", *group("oracle"))
    session.run("pytest", *(session.posargs or ["tests/e2e"]), env=COMPLETE)


@nox.session
def bench(session: nox.Session) -> None:
    """Everybody side by side, on the same trees: results and charts; ``-- --help`` lists the options."""
    session.install(".", *group("bench"))
    npm = ("npm", "ci", "--prefix", "tests/oracle", "--no-audit", "--no-fund", "--ignore-scripts")
    session.run(*npm, external=True)
    build = ("cargo", "build", "--release", "--locked", "-p", "lambda-assets-floor")
    session.run(*build, external=True)
    session.run("python", "benches/suite.py", *session.posargs)
