"""Asks the web process of this container whether it is well, as the proxy in front would ask.

It answers to its own host names only, so the first of them is named.
"""

import os
import sys
import urllib.request


def main() -> None:
    """End with an error unless `/healthz` answers within three seconds; `argv[1]`: the port."""
    port = sys.argv[1] if len(sys.argv) > 1 else "8000"
    host = os.environ["ANLIEGEN_ALLOWED_HOSTS"].split(",")[0].strip().lstrip("*.") or "localhost"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=3):
        pass


if __name__ == "__main__":
    main()
