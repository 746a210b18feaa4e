"""Runs a Python function: a client of the Lambda Runtime API, of the standard library alone.

It asks for an event, calls the handler, sends the answer, and so on until its connection breaks, over one socket that
stays open. What the function writes goes to stdout and stderr, which are its log.
"""

import json
import logging
import os
import socket
import sys
import time

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
ROOT = os.environ["LAMBDA_TASK_ROOT"]
BASE = "/2018-06-01/runtime/"


class Connection:
    """One HTTP connection. The other side sends a length with every answer."""

    def __init__(self):
        host, port = API.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = f" HTTP/1.1\r\nHost: {API}\r\n"
        self.rest = b""

    def call(self, method, path, body=None, headers=""):
        """Sends a request and returns status, headers and body of its answer."""
        head = f"{method} {BASE}{path}{self.head}{headers}"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self.socket.sendall(head.encode("latin-1") + b"\r\n" + (body or b""))
        return self.answer()

    def answer(self):
        data = self.rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self.more()
        lines = data[:end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        pieces, have = [data[end + 4 :]], len(data) - end - 4
        while have < length:
            pieces.append(self.more())
            have += len(pieces[-1])
        body = b"".join(pieces)
        body, self.rest = body[:length], body[length:]
        return int(lines[0].split(" ", 2)[1]), headers, body

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            os._exit(0)  # the environment is over
        return data


class ClientContext:
    """What a mobile client says of itself."""

    def __init__(self, context):
        self.custom = context.get("custom")
        self.env = context.get("env")
        self.client = Client(context["client"]) if context.get("client") else None


class Client:
    """The application of a mobile client."""

    def __init__(self, client):
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, client.get(name))


class Identity:
    """Who calls, by Amazon Cognito."""

    def __init__(self, identity):
        self.cognito_identity_id = identity.get("cognitoIdentityId")
        self.cognito_identity_pool_id = identity.get("cognitoIdentityPoolId")


class Context:
    """The second argument of a handler."""

    def __init__(self, headers):
        environment = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        client = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = Identity(json.loads(headers.get("lambda-runtime-cognito-identity") or "{}"))
        self.tenant_id = None
        self._deadline = int(headers.get("lambda-runtime-deadline-ms", 0))

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        shown = ",".join(f"{name}={value}" for name, value in vars(self).items() if not name.startswith("_"))
        return f"LambdaContext([{shown}])"


class Handler(logging.Handler):
    """Lambda's form of what goes through the logging module."""

    request_id = ""

    def emit(self, record):
        try:
            sys.stdout.write(self.format(record).replace("\n", "\r") + "\n")
        except Exception:
            self.handleError(record)


class Formatter(logging.Formatter):
    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"

    def __init__(self):
        super().__init__("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s")
        self.default_msec_format = None

    def format(self, record):
        record.aws_request_id = Handler.request_id
        return super().format(record)


def describe(error, request_id, skip=True):
    """The payload of an error, and its lines in the log. Frames of this file are left out."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    if skip:
        frames = [frame for frame in frames if frame.filename != __file__ and not frame.filename.startswith("<frozen")]
    payload = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }
    return payload


def show(payload):
    """One entry of the log, of several lines."""
    lines = [f"[ERROR] {payload['errorType']}: {payload['errorMessage']}"]
    if payload["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        for entry in payload["stackTrace"]:
            # Lambda keeps the indentation from being taken away
            for line in entry.splitlines():
                stripped = line.lstrip(" ")
                lines.append("\u00a0" * (len(line) - len(stripped)) + stripped)
    sys.stdout.write("\r".join(line.replace("\n", "\r") for line in lines) + "\n")


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def load(handler):
    """The function that `handler` names: path of a module, with slashes or dots, and a name in it."""
    path, dot, name = handler.rpartition(".")
    if not dot:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    module = ".".join(parts)
    try:
        import importlib

        loaded = importlib.import_module(module)
    except ImportError as error:
        hint = ""
        if (error.name or "").partition(".")[0] in ("boto3", "botocore"):
            hint = " (this interpreter has none: mesh-local runtimes install python)"
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}{hint}") from error
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {error}", [where]) from error
    try:
        return getattr(loaded, name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'") from None


class Fault(Exception):
    """The function cannot begin."""

    def __init__(self, kind, sentence, trace=()):
        super().__init__(sentence)
        self.kind, self.trace = kind, list(trace)


def begin(connection):
    """Loads the handler, or tells why that cannot be done and ends."""
    try:
        return load(os.environ["_HANDLER"])
    except Fault as fault:
        payload = {"errorMessage": str(fault), "errorType": fault.kind, "requestId": "", "stackTrace": fault.trace}
    except SystemExit:
        raise
    except BaseException as error:
        payload = describe(error, "")
    show(payload)
    flush()
    kind = f"Lambda-Runtime-Function-Error-Type: {payload['errorType']}\r\n"
    connection.call("POST", "init/error", json.dumps(payload).encode(), kind)
    os._exit(1)


def default(value):
    import decimal

    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def answer(handler, event, headers):
    """The function's answer, and whether it is an error."""
    request_id = headers["lambda-runtime-aws-request-id"]
    try:
        context = Context(headers)
        try:
            event = json.loads(event)
        except Exception as error:
            raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error
        result = handler(event, context)
        try:
            if isinstance(result, (bytes, bytearray)):
                return bytes(result), None
            return json.dumps(result, default=default).encode(), None
        except Exception as error:
            raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error
    except Fault as fault:
        payload = {"errorMessage": str(fault), "errorType": fault.kind, "requestId": request_id, "stackTrace": []}
    except SystemExit as ended:
        flush()
        os._exit(ended.code if isinstance(ended.code, int) else int(ended.code is not None))
    except BaseException as error:
        payload = describe(error, request_id)
    show(payload)
    return json.dumps(payload).encode(), payload["errorType"]


def main():
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    sys.path[0] = ROOT
    # libraries for interpreters that lack them: whatever else there is comes first
    sys.path.extend(sys.argv[1:])
    del sys.argv[1:]
    root = logging.getLogger()
    log = Handler()
    log.setFormatter(Formatter())
    root.addHandler(log)
    connection = Connection()
    handler = begin(connection)
    while True:
        flush()
        status, headers, event = connection.call("GET", "invocation/next")
        if status != 200:
            os._exit(0)
        request_id = headers["lambda-runtime-aws-request-id"]
        Handler.request_id = request_id
        trace = headers.get("lambda-runtime-trace-id")
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        body, kind = answer(handler, event, headers)
        flush()
        if kind is None:
            connection.call("POST", f"invocation/{request_id}/response", body)
        else:
            error = f"Lambda-Runtime-Function-Error-Type: {kind}\r\n"
            connection.call("POST", f"invocation/{request_id}/error", body, error)


if __name__ == "__main__":
    main()
