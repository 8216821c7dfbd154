import re

NAME = re.compile(r'^b.*c$')
