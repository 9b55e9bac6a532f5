"""From what was typed to values: numbers, sizes, regions; what cannot be one is refused in words."""

import argparse
import re
from collections.abc import Callable

LONGEST = 32768  # pixels of one side that can be asked for
MOST = 1000  # variations in one call
LARGEST_SEED = 2**32 - 1


def dimensions(text: str) -> tuple[int, int]:
    """'WxH' as (height, width)."""
    match = re.fullmatch(r"(\d+)[xX](\d+)", text)
    if not match or not all(1 <= int(side) <= LONGEST for side in match.groups()):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it as 640x480, each side up to {LONGEST}")
    return int(match[2]), int(match[1])


def factors(text: str) -> tuple[float, float]:
    """'X,Y' as (times the height, times the width)."""
    numbers = _numbers(text, float)
    if len(numbers) != 2 or not all(0.05 <= n <= 20 for n in numbers):
        raise argparse.ArgumentTypeError(f"{text!r} is no scale; write it as 2,1, each from 0.05 to 20")
    return numbers[1], numbers[0]


def region(text: str) -> tuple[int, ...]:
    numbers = _numbers(text, int)
    if len(numbers) != 4 or min(numbers[:2]) < 0 or min(numbers[2:]) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no region; write its left, top, width and height as 40,60,32,32")
    return numbers


def place_at(text: str) -> tuple[int, ...]:
    numbers = _numbers(text, int)
    if len(numbers) not in (2, 4) or min(numbers[2:], default=1) < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no place; write its left and top as 150,60 or with a size as 150,60,64,64"
        )
    return numbers


def prompt(text: str) -> tuple[str, float]:
    """'TEXT' or 'TEXT:WEIGHT' as words and their weight."""
    words, _, weight = text.rpartition(":")
    number = re.fullmatch(r"\s*\d+(\.\d+)?\s*", weight)
    if not words or not number:
        words, weight = text, "1"
    if not words.strip():
        raise argparse.ArgumentTypeError(f"{text!r} says nothing; write what the picture is to become")
    return words.strip(), float(weight)


def _numbers(text: str, kind: Callable[[str], int | float]) -> tuple:
    """The numbers of a comma-separated list, () if there is anything else in it."""
    try:
        return tuple(kind(part) for part in text.split(","))
    except ValueError:
        return ()


def unit(text: str) -> float:
    numbers = _numbers(text, float)
    if len(numbers) != 1 or not 0 <= numbers[0] <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return numbers[0]


def _whole(text: str, low: int, high: int) -> int:
    numbers = _numbers(text, int)
    if len(numbers) != 1 or not low <= numbers[0] <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return numbers[0]


def count(text: str) -> int:
    return _whole(text, 1, MOST)


def seed(text: str) -> int:
    return _whole(text, 0, LARGEST_SEED)


def extent(text: str) -> int:
    return _whole(text, 0, LONGEST)


def seconds(text: str) -> float:
    numbers = _numbers(text, float)
    if len(numbers) != 1 or not 0 <= numbers[0] <= 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0 to 1000000")
    return numbers[0]


def steps(text: str) -> int:
    return _whole(text, 1, 10**9)


def port(text: str) -> int:
    return _whole(text, 0, 65535)


def minutes(text: str) -> float:
    numbers = _numbers(text, float)
    if len(numbers) != 1 or not 0 < numbers[0] <= 1e5:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes above 0")
    return numbers[0]


def gigabytes(text: str) -> float:
    numbers = _numbers(text, float)
    if len(numbers) != 1 or not 0 < numbers[0] <= 1e5:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of GB above 0")
    return numbers[0]
