"""CBOR as far as Smithy's RPC v2 protocol uses it, which the Rust SDK for CloudWatch speaks."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from .answers import AwsError


@dataclass(frozen=True)
class Timestamp:
    """Seconds since the epoch, which CBOR marks by a tag of its own."""

    seconds: float


def encode(value: Any) -> bytes:
    match value:
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case float():
            return b"\xfb" + struct.pack(">d", value)
        case str():
            data = value.encode()
            return _head(3, len(data)) + data
        case bytes():
            return _head(2, len(value)) + value
        case Timestamp():
            return _head(6, 1) + encode(float(value.seconds))
        case list():
            return _head(4, len(value)) + b"".join(encode(item) for item in value)
        case dict():
            return _head(5, len(value)) + b"".join(encode(key) + encode(item) for key, item in value.items())
    raise TypeError(f"CBOR has no {type(value).__name__} here")


def _head(major: int, count: int) -> bytes:
    first = major << 5
    if count < 24:
        return bytes([first | count])
    for code, kind, most in ((24, ">B", 2**8), (25, ">H", 2**16), (26, ">I", 2**32), (27, ">Q", 2**64)):
        if count < most:
            return bytes([first | code]) + struct.pack(kind, count)
    raise ValueError("the number is too large for CBOR")


def decode(data: bytes) -> Any:
    """The one value that the bytes are; timestamps are seconds."""
    try:
        value, place = _item(data, 0)
    except (IndexError, struct.error, UnicodeDecodeError):
        place, value = -1, None
    if place != len(data):
        raise AwsError("SerializationException", "The request's body is not valid CBOR.")
    return value


_BREAK = object()
_FLOATS = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}
_SIMPLE = {20: False, 21: True, 22: None, 23: None, 31: _BREAK}


def _item(data: bytes, place: int) -> tuple[Any, int]:
    major, short = data[place] >> 5, data[place] & 31
    place += 1
    if major == 7:
        if short in _FLOATS:
            kind, size = _FLOATS[short]
            return struct.unpack_from(kind, data, place)[0], place + size
        if short not in _SIMPLE:
            raise IndexError
        return _SIMPLE[short], place
    count: int | None = short
    if short == 31:
        count = None
    elif short >= 24:
        size = 1 << (short - 24)
        if size > 8:
            raise IndexError
        count, place = int.from_bytes(data[place : place + size], "big"), place + size
    match major, count:
        case 0, int():
            return count, place
        case 1, int():
            return -1 - count, place
        case 6, int():
            return _item(data, place)
        case ((2 | 3), int()):
            raw = data[place : place + count]
            if len(raw) < count:
                raise IndexError
            return raw.decode() if major == 3 else raw, place + count
        case ((2 | 3 | 4 | 5), _):
            return _several(data, place, major, count)
    raise IndexError


def _several(data: bytes, place: int, major: int, count: int | None) -> tuple[Any, int]:
    """Arrays, maps, and what comes in pieces of no announced number."""
    items: list[Any] = []
    wanted = None if count is None else count * (2 if major == 5 else 1)
    while wanted is None or len(items) < wanted:
        value, place = _item(data, place)
        if value is _BREAK:
            break
        items.append(value)
    if major == 5:
        return {key: value for key, value in zip(items[::2], items[1::2], strict=True) if value is not None}, place
    if major == 4:
        return items, place
    return ("" if major == 3 else b"").join(items), place
