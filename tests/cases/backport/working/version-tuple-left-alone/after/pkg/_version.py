"0.4.6"
__version__ = (0, 4, 6, None, None)
