def check_member(member, target):
    raise ValueError(member)
