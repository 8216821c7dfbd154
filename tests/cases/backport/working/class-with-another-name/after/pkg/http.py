class StreamingResponse(dict):
    pass
