def page():
    return 'archive'
