"""Numbers for people, the same on every screen and page."""


def rounded(value: float, digits: int = 1, *, sign: bool = False) -> str:
    """`12.3`, `-0.4`; with `sign` also a plus. What rounds to zero has no sign."""
    shown = f"{value:{'+' if sign else ''}.{digits}f}"
    return shown.lstrip("+-") if float(shown) == 0 else shown
