"""Padmé padding with a length in front (sealing.md, *Bytes*: Padmé; twin: padding.js)."""

from __future__ import annotations

from collections.abc import Sequence

from crypto.errors import Malformed

LENGTH = 4
LONGEST = 2**32


def padme(length: int) -> int:
    """The padded size for a length: at most 12 % more (Nikitin et al., PETS 2019)."""
    if length < 0:
        raise Malformed("no length")
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    step = 1 << max(0, exponent - exponent.bit_length())
    return -(-length // step) * step


def frame(data: bytes, size: int) -> bytes:
    """u32 length | data | zeros, to a whole size; Malformed when it doesn't fit."""
    if len(data) >= LONGEST or LENGTH + len(data) > size:
        raise Malformed("too long for its frame")
    return (len(data).to_bytes(LENGTH, "big") + data).ljust(size, b"\x00")


def unframe(framed: bytes) -> bytes:
    """The data of a frame; Malformed on a wrong length or padding that isn't zero."""
    if len(framed) < LENGTH:
        raise Malformed("too short for a frame")
    length = int.from_bytes(framed[:LENGTH], "big")
    if length > len(framed) - LENGTH:
        raise Malformed("a frame shorter than it says")
    if any(framed[LENGTH + length :]):
        raise Malformed("padding that is not zero")
    return framed[LENGTH : LENGTH + length]


def pad(data: bytes, minimum: int = 512) -> bytes:
    """u32 length | data | zeros up to max(minimum, padme(4 + length))."""
    return frame(data, max(minimum, padme(LENGTH + len(data))))


def unpad(padded: bytes, minimum: int = 512) -> bytes:
    """The data; Malformed also when the padding is not of the one right size."""
    data = unframe(padded)
    if len(padded) != max(minimum, padme(LENGTH + len(data))):
        raise Malformed("padding of a wrong size")
    return data


def fill(text: bytes, sizes: Sequence[int]) -> bytes:
    """JSON and spaces behind it, to the smallest of `sizes` that holds it: so sizes say nothing. Malformed if none does."""
    fitting = [size for size in sizes if size >= len(text)]
    if not fitting:
        raise Malformed("too long to be filled")
    return text.ljust(min(fitting), b" ")


def unfill(filled: bytes) -> bytes:
    """The JSON without the spaces that fill it."""
    return filled.rstrip(b" ")
