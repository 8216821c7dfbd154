import re

def find(text):
    return re.findall(r'<img src=(.*) alt=(.*) class=(a) width=(\d+)>', text)
