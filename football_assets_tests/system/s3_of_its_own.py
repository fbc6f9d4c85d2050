"""An S3-compatible server on loopback, with one bucket, and the settings that lead to it."""

from contextlib import contextmanager

import httpx
import pytest

BUCKET = "football-lake"


@contextmanager
def s3_server(patch):
    """Serve while the block runs; `patch` sets what the S3 library reads. Gives the address of a lake."""
    try:
        from moto.server import ThreadedMotoServer
    except ImportError as missing:
        pytest.skip(f"NOT TESTED on S3, no server can be started: {missing}")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        # The servers of one process share their buckets.
        httpx.post(f"http://{host}:{port}/moto-api/reset").raise_for_status()
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing-secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        import s3fs

        s3fs.S3FileSystem.clear_instance_cache()
        s3fs.S3FileSystem(use_listings_cache=False).mkdir(BUCKET)
        yield f"s3://{BUCKET}/platform"
        s3fs.S3FileSystem.clear_instance_cache()
    finally:
        server.stop()
