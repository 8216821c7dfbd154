import re

NAME = re.compile(r'^[a-z]{1,60}-(?:x|y)$')
