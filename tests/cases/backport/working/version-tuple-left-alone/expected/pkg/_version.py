"0.4.5"
__version__ = (0, 4, 5, None, None)
