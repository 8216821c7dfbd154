def run(text):
    return text[:10]
