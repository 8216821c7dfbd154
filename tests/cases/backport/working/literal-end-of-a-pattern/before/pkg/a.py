import re

NAME = re.compile(r'^[a-z]+(?:[A-Z0-9-]{0,247}[A-Z0-9])?$')
