"""Bundle one asset in a container, in a process that a test can interrupt or kill.

python stage_with_docker.py SOURCE OUTDIR ACCESS IMAGE SCRIPT
"""

from __future__ import annotations

import signal
import sys

from lambda_assets.assembly.scope import App, Stack
from lambda_assets.docker.image import DockerImage
from lambda_assets.staging import AssetStaging

# What a shell starts in the background, a test run too, inherits that interrupts are ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
source, outdir, access, image, script = sys.argv[1:]
AssetStaging(
    Stack(App(outdir=outdir), "S"),
    "A",
    source_path=source,
    bundling={
        "image": DockerImage.from_registry(image),
        "bundling_file_access": access,
        "network": "none",
        "command": ["sh", "-c", script],
    },
)
