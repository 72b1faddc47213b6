"""``CfnParametersCode``: an object whose place is given to the template as parameters (spec api, section 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambda_assets.assembly.parameter import CfnParameter
from lambda_assets.assembly.scope import Construct, Stack
from lambda_assets.aws_lambda.code import Code
from lambda_assets.aws_lambda.protocols import key_arn
from lambda_assets.aws_lambda.structs import CodeConfig
from lambda_assets.aws_s3 import Location
from lambda_assets.errors import ValidationError

if TYPE_CHECKING:
    from lambda_assets.aws_lambda.protocols import Key, Parameter


class CfnParametersCode(Code):
    """An object whose place is given to the template as parameters.

    Args: see :meth:`Code.from_cfn_parameters`.
    """

    def __init__(
        self,
        *,
        bucket_name_param: Parameter | None = None,
        object_key_param: Parameter | None = None,
        source_kms_key: Key | None = None,
    ) -> None:
        self._bucket_name_param = bucket_name_param
        self._object_key_param = object_key_param
        self._source_kms_key = source_kms_key

    @property
    def is_inline(self) -> bool:
        """False: the code is not in the template."""
        return False

    @property
    def bucket_name_param(self) -> str:
        """Logical id of the parameter with the bucket.

        Raises:
            ValidationError: It was not given, and the code is not bound.
        """
        return _logical_id(self._bucket_name_param, "bucketNameParam")

    @property
    def object_key_param(self) -> str:
        """Logical id of the parameter with the object's key.

        Raises:
            ValidationError: It was not given, and the code is not bound.
        """
        return _logical_id(self._object_key_param, "objectKeyParam")

    def bind(self, scope: Construct) -> CodeConfig:
        """Make the parameters that were not given.

        Args:
            scope: The function: the parameters become its children. The second time, nothing new is made.

        Raises:
            ValidationError: A parameter belongs to another stack, or is a list.
        """
        if self._bucket_name_param is None:
            self._bucket_name_param = CfnParameter(
                scope, "LambdaSourceBucketNameParameter", type="String"
            )
        if self._object_key_param is None:
            self._object_key_param = CfnParameter(
                scope, "LambdaSourceObjectKeyParameter", type="String"
            )
        for parameter in (self._bucket_name_param, self._object_key_param):
            _check_stack(parameter, scope)
        location = Location(
            bucket_name=self._bucket_name_param.value_as_string,
            object_key=self._object_key_param.value_as_string,
        )
        return CodeConfig(s3_location=location, source_kms_key_arn=key_arn(self._source_kms_key))

    def assign(
        self,
        *,
        bucket_name: str,
        object_key: str,
        object_version: str | None = None,  # noqa: ARG002  ignored, as upstream
    ) -> dict[str, str]:
        """The parameters of a deployment.

        Args:
            bucket_name: The bucket.
            object_key: The object.
            object_version: Not used.

        Returns:
            The values by name of the parameter.

        Raises:
            ValidationError: The code is not bound.
        """
        return {self.bucket_name_param: bucket_name, self.object_key_param: object_key}


def _check_stack(parameter: Parameter, scope: Construct) -> None:
    if not isinstance(parameter, Construct):
        return
    stack = Stack.of(parameter)
    if stack is not Stack.of(scope):
        raise ValidationError(
            f"Parameter '{parameter.node.path}' belongs to the stack '{stack.stack_name}'",
            "ParameterOfAnotherStack",
        ).with_hint("create a new Code for every stack")


def _logical_id(parameter: Parameter | None, name: str) -> str:
    if parameter is None:
        raise ValidationError(
            f"Pass CfnParametersCode to a Lambda Function before accessing the {name} property",
            "CfnParametersCodeNotBoundToFunction",
        )
    return parameter.logical_id
