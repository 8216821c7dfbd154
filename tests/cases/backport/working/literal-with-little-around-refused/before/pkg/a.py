import re

NAME = re.compile(r'^ab.*cd$')
