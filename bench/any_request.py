"""Asks a running service whatever its description allows, and much it does not.

Runs against the demo stack (`make up` first) with schemathesis, from the committed description.
Prints every answer that is a server error or not as described; its seed repeats a run.

    make bench NAME=any_request ARGS="--examples 200"
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DESCRIPTION = ROOT / "docs" / "api" / "openapi-v1.json"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,response_headers_conformance"
)
# The bytes of a photo travel in a type schemathesis does not know by itself.
HOOK = """
import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_a_photo(_ctx, value):
    return value if isinstance(value, bytes) else str(value).encode()
"""


def main() -> int:
    """Ask, print, and return what schemathesis returns: 0 where every answer was right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="requests per operation and kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    hook = ROOT / "var" / "any_request_hook.py"
    hook.write_text(HOOK)
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", str(DESCRIPTION)),
        *("--url", os.environ["ANLIEGEN_BASE_URL"], "--checks", CHECKS),
        *("--max-examples", str(options.examples), "--seed", str(options.seed)),
        *("--continue-on-failure", "--workers", "2"),
    ]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "any_request_hook", "PYTHONPATH": "var"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
