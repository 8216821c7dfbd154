import re


def clean(name):
    name = name.strip()
    return re.sub("[^a-z]", "", name)


def split(line):
    parts = line.split(",")
    return [part.strip() for part in parts]
