import re

def find(name):
    return re.findall(r'<img src=(.*) alt=' + name, name)
