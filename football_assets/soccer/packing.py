"""Values and tables as compressed bytes, in the form in which a day's log holds them."""

from typing import Any, Literal

import orjson
import pyarrow as pa

_CODEC: Literal["zstd"] = "zstd"


def packed(value: object) -> bytes:
    """A value as compressed JSON."""
    return _compressed(orjson.dumps(value))


def unpacked(blob: bytes) -> Any:
    """The value of compressed JSON. Raises ArrowException or ValueError when the bytes are damaged."""
    with pa.input_stream(pa.py_buffer(blob), compression=_CODEC) as stream:
        return orjson.loads(stream.read())


def packed_table(data: pa.Table) -> bytes:
    """A table as an Arrow stream, compressed as a whole: the 190 columns of a match are too small each."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, data.schema) as writer:
        writer.write_table(data.combine_chunks())
    return _compressed(sink.getvalue())


def unpacked_table(blob: bytes) -> pa.Table:
    """The table of a compressed Arrow stream. Raises ArrowException when the bytes are damaged."""
    with pa.input_stream(pa.py_buffer(blob), compression=_CODEC) as stream:
        return pa.ipc.open_stream(stream).read_all()


def _compressed(data: "bytes | pa.Buffer") -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, _CODEC) as stream:
        stream.write(data)
    return bytes(sink.getvalue())
