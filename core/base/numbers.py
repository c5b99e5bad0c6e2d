"""Numbers in sentences, the same on pages, in files and on the command line."""


def signed(number: float) -> str:
    """Three decimals with the sign, a true minus.

    >>> signed(0.5), signed(-0.0125)
    ('+0.500', '−0.013')
    """
    return f"{number:+.3f}".replace("-", "\N{MINUS SIGN}")
