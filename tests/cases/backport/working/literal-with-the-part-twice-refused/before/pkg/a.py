import re

NAME = re.compile(r'(abc.*def)|ghi')
