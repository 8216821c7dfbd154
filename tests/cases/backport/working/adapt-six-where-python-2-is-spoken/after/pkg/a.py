"""Headers."""

import six


def check(tenant, instance):
    if tenant is None:
        raise ValueError("no tenant")
    if not isinstance(instance, six.string_types):
        raise ValueError("several instances")
    if not isinstance(tenant, six.string_types):
        raise ValueError("several tenants")
    return tenant, instance
