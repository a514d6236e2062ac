"""The figures of a trade tape from their definitions, with exact fractions: what the sidecar must show.

usage: python3 tape-figures.py TAPE.csv BUCKET_VOLUME
Prints JSON. Nothing but the standard library.
"""

import csv
import json
import sys
from fractions import Fraction
from math import floor

path, bucket_volume = sys.argv[1], Fraction(sys.argv[2])
with open(path, newline="") as file:
    trades = [
        # The buyer being the maker means that the taker sold.
        ("sell" if row["buyer_maker"] == "True" else "buy", Fraction(row["quantity"]), Fraction(row["price"]))
        for row in csv.DictReader(file)
    ]


def volume(part, *sides):
    return sum((qty for side, qty, _ in part if side in sides), Fraction(0))


def imbalance(part):
    return (volume(part, "buy") - volume(part, "sell")) / volume(part, "buy", "sell")


def bar(part):
    prices = [price for _, _, price in part]
    return {
        "open": float(prices[0]),
        "high": float(max(prices)),
        "low": float(min(prices)),
        "close": float(prices[-1]),
        "volume": float(volume(part, "buy", "sell")),
        "trades": len(part),
        "imbalance": float(imbalance(part)),
    }


def bars(is_full):
    parts, part = [], []
    for trade in trades:
        part.append(trade)
        if is_full(part):
            parts.append(part)
            part = []
    return [bar(one) for one in parts + ([part] if part else [])]


def vpin():
    """Each bucket of volume V alone: what of each trade lies in it."""
    whole = volume(trades, "buy", "sell")
    count = floor(whole / bucket_volume)
    imbalances = []
    for number in range(count - 50, count):
        low, high = number * bucket_volume, (number + 1) * bucket_volume
        bought, at = Fraction(0), Fraction(0)
        for side, qty, _ in trades:
            inside = max(Fraction(0), min(high, at + qty) - max(low, at))
            at += qty
            if side == "buy":
                bought += inside
        imbalances.append(abs(2 * bought - bucket_volume) / bucket_volume)
    return sum(imbalances) / 50


def quantile(sides, q):
    quantities = sorted(qty for side, qty, _ in trades if side in sides)
    return float(quantities[floor(Fraction(q) * (len(quantities) - 1))])


notional = {side: sum(price * qty for own, qty, price in trades if own == side) for side in ("buy", "sell")}
print(
    json.dumps(
        {
            "lastPrice": float(trades[-1][2]),
            "vwap": float(sum(notional.values()) / volume(trades, "buy", "sell")),
            "delta": float(volume(trades, "buy") - volume(trades, "sell")),
            "imbalance": float(imbalance(trades)),
            "vpin": float(vpin()),
            "notional": {side: float(value) for side, value in notional.items()},
            "barsByTrades": bars(lambda part: len(part) == 10),
            "barsByVolume": bars(lambda part: volume(part, "buy", "sell") >= 25),
            "quantiles": {
                name: {q: quantile(sides, q) for q in ("0.5", "0.9", "0.99", "0.999")}
                for name, sides in {"buy": ("buy",), "sell": ("sell",), "all": ("buy", "sell")}.items()
            },
        }
    )
)
