"""Headers."""

import six


def check(tenant, instance):
    if tenant is None:
        raise ValueError("no tenant")
    if not isinstance(instance, six.string_types):
        raise ValueError("several instances")
    return tenant, instance
