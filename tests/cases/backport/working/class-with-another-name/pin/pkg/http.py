class CompatibleResponse(dict):
    pass
