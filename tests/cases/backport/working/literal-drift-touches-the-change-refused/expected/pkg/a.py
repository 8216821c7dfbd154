import re

NAME = re.compile(r'^[a-z]{1,80}-(?:x|y)$')
