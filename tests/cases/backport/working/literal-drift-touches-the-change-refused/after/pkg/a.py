import re

NAME = re.compile(r'^[a-z]{1,20}-(?:x|y)$')
