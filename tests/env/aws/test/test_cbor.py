"""CBOR, by the examples of RFC 8949."""

from __future__ import annotations

from typing import Any

import pytest
from emulator.core import cbor
from emulator.core.answers import AwsError


@pytest.mark.parametrize(
    ("value", "hexadecimal"),
    [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (1000, "1903e8"),
        (1000000000000, "1b000000e8d4a51000"),
        (-100, "3863"),
        (1.1, "fb3ff199999999999a"),
        (False, "f4"),
        (None, "f6"),
        ("ü", "62c3bc"),
        (b"\x01\x02", "420102"),
        ([1, [2, 3]], "8201820203"),
        ({"a": 1, "b": [2]}, "a26161016162" + "8102"),
        (cbor.Timestamp(1363896240.5), "c1fb41d452d9ec200000"),
    ],
)
def test_a_value_is_written_and_read_as_the_standard_says(value: Any, hexadecimal: str) -> None:
    assert cbor.encode(value).hex() == hexadecimal
    assert cbor.decode(bytes.fromhex(hexadecimal)) == (value.seconds if isinstance(value, cbor.Timestamp) else value)


@pytest.mark.parametrize(
    ("hexadecimal", "value"),
    [
        ("bf6161019fff", None),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
        ("7f657374726561646d696e67ff", "streaming"),
        ("5f42010243030405ff", b"\x01\x02\x03\x04\x05"),
        ("f93e00", 1.5),
        ("fa47c35000", 100000.0),
        ("a2616101616 2f6".replace(" ", ""), {"a": 1}),
        ("1900", None),
        ("0000", None),
        ("1c", None),
        ("62c3", None),
    ],
)
def test_what_other_writers_write_is_read_and_what_is_broken_refused(hexadecimal: str, value: Any) -> None:
    data = bytes.fromhex(hexadecimal)
    if value is None:
        with pytest.raises(AwsError, match="SerializationException"):
            cbor.decode(data)
    else:
        assert cbor.decode(data) == value
