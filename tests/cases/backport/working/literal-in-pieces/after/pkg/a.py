import re

class Address:
    regex = re.compile(
        r'^https?://'  # scheme
        r'(?:' + HOST + ')'
        r'(?::\d{2,5})?'  # port
        r'\Z', re.IGNORECASE)
