import re

NAME = re.compile(r'^[a-z]+(?:[A-Z0-9-]{0,61}[A-Z0-9])?\Z')
