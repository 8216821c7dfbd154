def old(name):
    return eval(name)
