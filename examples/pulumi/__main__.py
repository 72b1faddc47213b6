"""One function."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi
import pulumi_aws as aws
from code_asset import code_asset

HERE = Path(__file__).parent
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}

role = aws.iam.Role("hello", assume_role_policy=json.dumps(TRUST))
function = aws.lambda_.Function(
    "hello",
    role=role.arn,
    runtime="python3.13",
    handler="handler.handler",
    **code_asset(str(HERE / "functions" / "hello"), exclude=["*.pyc", "__pycache__"]),
)
pulumi.export("function", function.name)
