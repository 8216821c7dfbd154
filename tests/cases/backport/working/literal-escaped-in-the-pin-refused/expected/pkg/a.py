import re

PRICE = re.compile(r'^[0-9]+,[0-9]* ?\$')
