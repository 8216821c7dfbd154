"""Headers."""

import re


def check(tenant, instance):
    if tenant is None:
        raise ValueError("no tenant")
    if not isinstance(instance, basestring):
        raise ValueError("several instances")
    return tenant, instance
