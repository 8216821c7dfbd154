import re

def check(text):
    return re.match('<a href=([^>]{0,200}) title=(.*)>$', text)
