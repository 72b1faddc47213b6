"""The environment decides speed, place and output, and nothing else."""

from __future__ import annotations

import pytest

from lambda_assets import OptionError
from lambda_assets.settings import Settings, cache_directory, environment_for_installers


@pytest.mark.parametrize(
    ("environ", "platform", "directory"),
    [
        ({"HOME": "/h"}, "linux", "/h/.cache/lambda-assets"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "linux", "/x/lambda-assets"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "x"}, "linux", "/h/.cache/lambda-assets"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "darwin", "/h/Library/Caches/lambda-assets"),
        ({"HOME": "/h", "LAMBDA_ASSETS_CACHE_DIR": "/c"}, "linux", "/c"),
        ({"LAMBDA_ASSETS_CACHE_DIR": "/c"}, "win32", "/c"),
        ({"HOME": "/h"}, "win32", None),
        ({}, "linux", None),
        ({}, "darwin", None),
    ],
)
def test_the_cache_directory(environ: dict[str, str], platform: str, directory: str | None) -> None:
    assert cache_directory(environ, platform) == directory


def test_windows_has_its_own_place() -> None:
    found = cache_directory({"LOCALAPPDATA": "L"}, "win32")
    assert found is not None
    assert found.startswith("L")
    assert "lambda-assets" in found


def test_without_a_place_there_is_one_notice_and_no_cache() -> None:
    settings = Settings.resolve({}, "linux")
    assert settings.cache() is None
    assert [code for code, _ in settings.notices()] == ["cache-no-home"]
    assert Settings.resolve({"LAMBDA_ASSETS_NO_CACHE": "1"}, "linux").notices() == []


def test_no_cache_keeps_the_place() -> None:
    settings = Settings.resolve({"HOME": "/h", "LAMBDA_ASSETS_NO_CACHE": "1"}, "linux")
    assert settings.cache() is None
    assert settings.cache_place() is not None


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "\u0663"])
def test_jobs_must_be_a_number(value: str) -> None:
    with pytest.raises(OptionError, match="LAMBDA_ASSETS_JOBS"):
        Settings.resolve({"LAMBDA_ASSETS_JOBS": value}, "linux")


def test_values() -> None:
    settings = Settings.resolve(
        {"LAMBDA_ASSETS_JOBS": "3", "CI": "true", "NO_COLOR": "1", "LAMBDA_ASSETS_LOG": "DEBUG"}
    )
    assert (settings.jobs, settings.progress, settings.color, settings.log) == (
        3,
        False,
        False,
        "debug",
    )


def test_installers_see_where_packages_come_from_and_nothing_that_changes_which(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = ("PIP_INDEX_URL", "PIP_FIND_LINKS", "UV_INDEX", "UV_CACHE_DIR", "HTTPS_PROXY", "HOME")
    dropped = ("PIP_TARGET", "PIP_NO_BINARY", "UV_CONSTRAINT", "UV_PRERELEASE", "PYTHONPATH")
    for name in (*kept, *dropped):
        monkeypatch.setenv(name, "x")
    found = environment_for_installers()
    assert [name for name in kept if found.get(name) != "x"] == []
    assert [name for name in dropped if name in found] == []
