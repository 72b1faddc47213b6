"""Containers, through the interface of the engine; the only place that loads the Docker SDK for them.

The address is the one that the command ``docker`` uses: ``DOCKER_HOST``, else its context. A container has a name before
it is asked for, so that it is removed, with its anonymous volumes, however a run ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambda_assets.docker import program
from lambda_assets.echo import echo, say
from lambda_assets.errors import AssetError, ValidationError, asset_io_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from docker.api import APIClient

#: A label of everything that is made here, to be found with `docker ps -a --filter label=…`.
LABEL = "lambda-assets"
#: For the answer to one request; unpacking a big source is the longest.
_TIMEOUT = 600
_REFUSED, _NOT_EXECUTABLE, _NOT_FOUND = 125, 126, 127
_PATIENCE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What runs, in the words of the engine; empty values are left to the image.

    Attributes:
        image: Its name.
        words: Command, after the rest of the entrypoint.
        entrypoint: The program.
        environment: ``NAME=value`` in order.
        user: User and group.
        directory: The working directory.
        network: The network.
        platform: The platform of the image.
        security_opt: A security option.
        binds: ``host:container:options``.
        volumes: Paths in the container that get an empty volume.
        volumes_from: Containers.
    """

    image: str
    words: tuple[str, ...] = ()
    entrypoint: str = ""
    environment: tuple[str, ...] = ()
    user: str = ""
    directory: str = ""
    network: str = ""
    platform: str = ""
    security_opt: str = ""
    binds: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    volumes_from: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """The arguments of the command ``docker`` that does the same."""
        shown = ["run", "--rm"]
        shown += ["--security-opt", self.security_opt] if self.security_opt else []
        shown += ["--network", self.network] if self.network else []
        shown += ["--platform", self.platform] if self.platform else []
        shown += ["-u", self.user] if self.user else []
        shown += [word for one in self.volumes_from for word in ("--volumes-from", one)]
        shown += [word for one in (*self.volumes, *self.binds) for word in ("-v", one)]
        shown += [word for one in self.environment for word in ("--env", one)]
        shown += ["-w", self.directory] if self.directory else []
        shown += ["--entrypoint", self.entrypoint] if self.entrypoint else []
        return [*shown, self.image, *self.words]


def run(
    container: Container,
    *,
    bring: Iterable[Iterable[bytes]] = (),
    fetch: tuple[str, Callable[[Iterable[bytes]], None]] | None = None,
) -> None:
    """Run a container to its end and remove it; what it says goes to stderr as it comes.

    Args:
        container: What runs.
        bring: Archives that are unpacked at its root before it starts.
        fetch: A path in it, and what gets its archive after it has ended well.

    Raises:
        ValidationError: It fails, or the engine refuses it; the text is the CDK's.
        EngineError: No engine answers.
    """
    if any("\0" in word for word in container.arguments()):
        raise program.unusable(container.arguments(), "embedded null byte")
    with _connected() as api, _refusals(container), _created(api, container) as name:
        for data in bring:
            api.put_archive(name, "/", iter(data))
        # Attached before it starts, or its first words could be missed.
        with _attached(api, name) as said:
            api.start(name)
            echo(said)
        status = api.wait(name)["StatusCode"]
        if status:
            raise program.failure(container.arguments(), status)
        if fetch is not None:
            path, take = fetch
            chunks, _ = api.get_archive(name, path)
            take(chunks)


def image_digest(image: str, platform: str) -> str | None:
    """Digest of the image that a container would have; fetched as for one if the engine has none of that name.

    Args:
        image: Its name.
        platform: The platform, empty for that of the engine.

    Returns:
        ``sha256:`` and 64 hexadecimal digits; None if no engine answers or no registry has it.
    """
    from docker.errors import ImageNotFound  # noqa: PLC0415  as the SDK itself

    container = Container(image=image, platform=platform)
    try:
        with _connected() as api:
            try:
                found = api.inspect_image(image)  # type: ignore[no-untyped-call]
            except ImageNotFound:
                _pull(api, container)
                found = api.inspect_image(image)  # type: ignore[no-untyped-call]
    except AssetError:
        return None
    digest: str = found["Id"]
    return digest


@contextlib.contextmanager
def _connected() -> Iterator[APIClient]:
    import docker  # noqa: PLC0415  a third of a second
    from docker.errors import DockerException  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    try:
        client = docker.from_env(timeout=_TIMEOUT, use_ssh_client=True)
        client.ping()
    except (OSError, DockerException) as error:
        raise program.no_engine(str(error)) from error
    with contextlib.closing(client):
        try:
            yield client.api
        except RequestException as error:
            # An error of ours in the middle of an upload looks like one of the connection.
            raise _of_ours(error) or program.no_engine(str(error)) from error


def _of_ours(error: BaseException | None) -> AssetError | None:
    while error is not None and not isinstance(error, AssetError):
        error = error.__cause__ or error.__context__
    return error


@contextlib.contextmanager
def _refusals(container: Container) -> Iterator[None]:
    """The engine's refusals as the command would tell them."""
    from docker.errors import APIError, InvalidVersion  # noqa: PLC0415

    try:
        yield
    except (APIError, InvalidVersion) as error:
        text = str(getattr(error, "explanation", None) or error)
        for variable in container.environment:
            # It repeats a variable that it refuses; so does the error of the SDK, which is not shown therefore.
            text = text.replace(variable, variable.partition("=")[0] + "=***")
        raise program.failure(container.arguments(), _status(text), stderr=text) from None


def _status(text: str) -> int:
    """What the command exits with when the engine refuses to start a container."""
    if any(part in text for part in ("executable file not found", "no such file or directory")):
        return _NOT_FOUND
    return _NOT_EXECUTABLE if "permission denied" in text else _REFUSED


@contextlib.contextmanager
def _created(api: APIClient, container: Container) -> Iterator[str]:
    name = f"{LABEL}-{secrets.token_hex(12)}"
    # Interrupted while it asks, the engine may be about to make it.
    patience = _PATIENCE
    try:
        try:
            _create(api, container, name)
        except Exception:
            patience = 0
            raise
        patience = 0
        yield name
    finally:
        _remove(api, name, patience)


def _create(api: APIClient, container: Container, name: str) -> None:
    from docker.errors import NotFound  # noqa: PLC0415

    wanted: dict[str, Any] = {
        "image": container.image,
        "command": list(container.words) or None,
        "entrypoint": [container.entrypoint] if container.entrypoint else None,
        "environment": list(container.environment) or None,
        "user": container.user or None,
        "working_dir": container.directory or None,
        "volumes": list(container.volumes) or None,
        "platform": container.platform or None,
        "name": name,
        "labels": {LABEL: ""},
        "host_config": api.create_host_config(
            binds=list(container.binds) or None,
            network_mode=container.network or None,
            security_opt=_security(container.security_opt),
            volumes_from=list(container.volumes_from) or None,
        ),
    }
    try:
        made = api.create_container(**wanted)
    except NotFound as error:
        text = str(error.explanation).lower()
        if "no such image" not in text and "platform" not in text:
            raise
        _pull(api, container)
        made = api.create_container(**wanted)
    for warning in made.get("Warnings") or ():
        say(f"WARNING: {warning}\n")


@contextlib.contextmanager
def _attached(api: APIClient, name: str) -> Iterator[Iterable[bytes]]:
    said = api.attach(name, stdout=True, stderr=True, stream=True)
    try:
        yield said
    finally:
        # What the SDK closes is the socket, to which the answer still holds on.
        said._response.close()  # type: ignore[attr-defined]  # noqa: SLF001


def _pull(api: APIClient, container: Container) -> None:
    from docker.utils import parse_repository_tag  # noqa: PLC0415

    repository, tag = parse_repository_tag(container.image)
    events = api.pull(
        repository, tag or "latest", platform=container.platform or None, stream=True, decode=True
    )
    for event in events:
        if "error" in event:
            raise program.failure(container.arguments(), _REFUSED, stderr=event["error"])
        if "progressDetail" not in event and event.get("status"):
            say(f"{event['status']}\n")


def _security(option: str) -> list[str] | None:
    if not option:
        return None
    kind, _, value = option.partition("=")
    if kind != "seccomp" or value in {"", "unconfined", "builtin"}:
        return [option]
    # The command reads the profile; the engine wants its content.
    try:
        with open(value, encoding="utf-8") as file:
            return [f"seccomp={json.dumps(json.load(file), separators=(',', ':'))}"]
    except OSError as error:
        raise asset_io_error("open", error) from None
    except ValueError as error:
        raise ValidationError(f"the seccomp profile {value!r} is no JSON: {error}") from error


def _remove(api: APIClient, name: str, patience: float) -> None:
    """Remove a container and its volumes, waiting some seconds for one that is not there yet."""
    from docker.errors import APIError, NotFound  # noqa: PLC0415

    end = time.monotonic() + patience
    while True:
        try:
            api.remove_container(name, v=True, force=True)
        except NotFound:
            if time.monotonic() >= end:
                return
            time.sleep(0.05)
        except (APIError, OSError) as error:
            # A good result, or the error that led here, counts more.
            say(f"the container {name} could not be removed: {error}\n")
            return
        else:
            return


def numeric_owner(user: str) -> tuple[int, int] | None:
    """The ids in a user option, None if it has names.

    Args:
        user: ``uid``, ``uid:gid`` or names.
    """
    uid, _, gid = user.partition(":")
    if not uid.isdecimal() or (gid and not gid.isdecimal()):
        return None
    return int(uid), int(gid or "0")


def default_user() -> str:
    """User and group of this process, as the CDK gives them to a container."""
    if sys.platform == "win32":
        return "1000:1000"
    return f"{os.getuid()}:{os.getgid()}"
