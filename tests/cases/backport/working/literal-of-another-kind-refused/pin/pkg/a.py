import re

def find(name):
    return re.findall(rf'<img src=(.*) alt={name} ' + name, name)
