terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    external = {
      source = "hashicorp/external"
    }
  }
}

variable "bucket" {
  type        = string
  description = "Bucket for the code"
}

variable "role" {
  type        = string
  description = "ARN of the function's role"
}

data "external" "hello" {
  program = ["python3", "${path.module}/lambda_assets_external.py"]

  query = {
    path    = "${path.module}/functions/hello"
    outdir  = "${path.module}/cdk.out"
    exclude = "*.pyc __pycache__"
  }
}

resource "aws_s3_object" "hello" {
  bucket = var.bucket
  key    = data.external.hello.result.key
  source = data.external.hello.result.path
}

resource "aws_lambda_function" "hello" {
  function_name    = "hello"
  role             = var.role
  runtime          = "python3.13"
  handler          = "handler.handler"
  s3_bucket        = aws_s3_object.hello.bucket
  s3_key           = aws_s3_object.hello.key
  source_code_hash = data.external.hello.result.source_code_hash
}
