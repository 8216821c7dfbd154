import re

class Address:
    regex = re.compile(
        r'^https?://'  # scheme
        r'(?:[a-z.]+)'
        r'(?:/?|[/?]\S+)$', re.IGNORECASE)
