"""Small marks for a form's head, as SVG, and bar codes."""

from __future__ import annotations

import numpy as np


def logo(rng: np.random.Generator) -> str:
    """A mark of 14 to 22 mm: a shape on a shape, stripes, letters, or a bar code."""
    size, grey = rng.uniform(14, 22), int(rng.integers(0, 140))
    colour = f"rgb({grey},{int(grey * rng.uniform(0.4, 1))},{int(grey * rng.uniform(0.4, 1))})"
    drawn = [_polygon, _stripes, _letters, _bars][int(rng.integers(4))](rng, colour)
    return f'<svg width="{size:.1f}mm" height="{size:.1f}mm" viewBox="0 0 100 100">{drawn}</svg>'


def _polygon(rng: np.random.Generator, colour: str) -> str:
    corners = int(rng.integers(3, 9))
    around = np.arange(corners) * 2 * np.pi / corners + rng.uniform(0, 6)
    far = np.where(np.arange(corners) % 2, rng.uniform(18, 36), 36)
    points = " ".join(
        f"{50 + r * np.cos(a):.0f},{50 + r * np.sin(a):.0f}"
        for a, r in zip(around, far, strict=True)
    )
    ring = f'<circle cx="50" cy="50" r="45" fill="none" stroke="{colour}" stroke-width="4"/>'
    return f'{ring}<polygon points="{points}" fill="{colour}"/>'


def _stripes(rng: np.random.Generator, colour: str) -> str:
    lines = "".join(
        f'<path d="M10 {y} q20 {rng.integers(-14, 14)} 40 0 t40 0" stroke="{colour}" fill="none" stroke-width="6"/>'
        for y in range(25, 90, 15)
    )
    return f'<rect x="2" y="2" width="96" height="96" fill="none" stroke="{colour}" stroke-width="3"/>{lines}'


def _letters(rng: np.random.Generator, colour: str) -> str:
    text = "".join(chr(65 + int(k)) for k in rng.integers(26, size=int(rng.integers(1, 4))))
    shape = f'<rect width="100" height="100" rx="{rng.integers(0, 50)}" fill="{colour}"/>'
    return (
        f'{shape}<text x="50" y="66" font-size="44" text-anchor="middle" fill="#fff">{text}</text>'
    )


def _bars(rng: np.random.Generator, colour: str) -> str:
    x, bars = 2.0, []
    while x < 96:
        wide = float(rng.choice([1.0, 2.0, 3.0]))
        bars.append(f'<rect x="{x:.0f}" y="10" width="{wide}" height="60"/>')
        x += wide + float(rng.choice([1.0, 2.0, 3.0]))
    return "".join(bars) + f'<text x="8" y="88" font-size="15">{rng.integers(10**8, 10**9)}</text>'
