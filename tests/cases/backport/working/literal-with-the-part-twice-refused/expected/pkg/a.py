import re

NAME = re.compile(r'(abc.*def)|(abc.*def)|jkl')
